"""Findings as SARIF 2.1.0, the form in which editors and code hosts take what checkers find.

A log is sent to other services, so it holds codes, fields and places, and nothing of what a decision or letter says.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from imr_letters.engine.errors import Finding
from imr_letters.engine.showing import masked
from imr_letters.imr.known import known_field
from imr_letters.lint.register import all_rules

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "advice": "note", "note": "note"}


def sarif(findings: Iterable[Finding]) -> dict[str, Any]:
    """Return one SARIF log with the rules and all findings, of any number of files."""
    rules = list(all_rules())
    index = {rule.code: number for number, rule in enumerate(rules)}
    titles = {rule.code: rule.title for rule in rules}
    driver = {
        "name": "imr-letters lint",
        "version": version("imr-letters"),
        "rules": [
            {
                "id": rule.code,
                "shortDescription": {"text": rule.title},
                "fullDescription": {"text": " ".join([rule.title, rule.about]).strip()},
                "help": {"text": f"Source: {rule.source}. Remedy: {rule.remedy}."},
                "defaultConfiguration": {"level": _LEVELS[rule.severity]},
                "properties": {"tags": [rule.group]},
            }
            for rule in rules
        ],
    }
    results = [_result(finding, index, titles) for finding in findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(finding: Finding, index: dict[str, int], titles: dict[str, str]) -> dict[str, Any]:
    title = titles.get(finding.code, f"{finding.code}: imr-letters lint shows what was found")
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": title},
        "locations": [_location(finding)],
    }
    if finding.code in index:
        result["ruleIndex"] = index[finding.code]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    name, _, page = masked(finding.source).partition(" page ")
    where: dict[str, Any] = {}
    if name:
        where["artifactLocation"] = {"uri": quote(PurePath(name).as_posix())}
    if finding.line is not None and not page:  # a line of a page is no line of the file
        where["region"] = {"startLine": finding.line}
        if finding.column is not None:
            where["region"]["startColumn"] = finding.column
    location: dict[str, Any] = {"physicalLocation": where} if where else {}
    if finding.field:
        location["logicalLocations"] = [{"fullyQualifiedName": known_field(finding.field), "kind": "member"}]
    return location
