"""The document of the rules, `docs/rules.md`, made from the rules themselves."""

from __future__ import annotations

from collections.abc import Iterator

from imr_letters.lint.register import GROUPS, Rule, all_rules

_HEAD = """\
# The rules of lint

`imr-letters lint` looks for what is wrong with a determination before it leaves: in decisions and drafts (YAML or JSON,
also with fields missing), in letters and in PDFs.

```sh
imr-letters lint decision.yaml letters/*.pdf
imr-letters lint check --json --off citation-year decision.yaml
imr-letters lint check --sarif decisions/*.yaml > lint.sarif
imr-letters lint explain outcome-conclusion
imr-letters lint rules
```

`imr-letters lint FILE...` is short for `imr-letters lint check FILE...`. Each finding has a place, the words that were
found, and a remedy. The exit code is 1 where there are errors.

An **error** is a fault that stops a letter. A **warning** should be looked at by a person; the letter may leave.
**Advice** is what could be better. A rule would rather miss a fault than report one that is none: it reads the forms in
which determinations are usually written, and passes over the rest. So a letter without findings is not proven right.

## Rules of a family

A letter family may switch a rule off, or make it less severe, in its `family.toml`. It gives the reason:

```toml
[lint.citation-year]
severity = "off"     # or "advice", "warning"
reason = "the form of citations that asks for a year came into force on April 20, 2015"
```

`--off CODE` leaves a rule out for once.

## Rules of your own

A rule is a function that is shown a `Subject` and yields a `Hit` for everything that is wrong:

```python
from collections.abc import Iterator

from imr_letters.lint import Hit, Subject, rule


@rule("acme-supply", "warning", "acme", source="house style 4.2", remedy="write the number of days")
def supply(subject: Subject) -> Iterator[Hit]:
    \"\"\"A supply is given in days.\"\"\"
    for item in subject.items:
        if "month supply" in item.request:
            yield Hit(item.field("request"), "the supply is given in months", "month supply")
```

A package brings its rules in through the entry point group `imr_letters.lint`, which names the module:

```toml
[project.entry-points."imr_letters.lint"]
acme = "acme_letters.rules"
```

In a program, `imr_letters.lint.lint(decision)` returns the findings.

## All rules

This list is made from the rules: `imr-letters lint rules > docs/rules.md`.
"""


def page() -> str:
    """Return the document."""
    return "\n".join([_HEAD, *_table(), *_details()])


def _groups() -> Iterator[tuple[str, list[Rule]]]:
    rules = [rule for rule in all_rules() if rule.is_own]
    for group in GROUPS:
        yield group, [rule for rule in rules if rule.group == group]


def _table() -> Iterator[str]:
    yield "| rule | severity | what must hold |"
    yield "|---|---|---|"
    for _, rules in _groups():
        for rule in rules:
            yield f"| [`{rule.code}`](#{rule.code}) | {rule.severity} | {rule.title} |"
    yield ""


def _details() -> Iterator[str]:
    for group, rules in _groups():
        yield f"## {group.capitalize()}\n"
        for rule in rules:
            yield f"### {rule.code}\n"
            yield f"{rule.title} ({rule.severity})\n"
            if rule.about:
                yield f"{rule.about}\n"
            yield f"Source: {rule.source}.\\\nRemedy: {rule.remedy}.\n"
