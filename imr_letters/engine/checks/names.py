"""Names of other organizations that are left in a family's fixed words or in its stylesheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from imr_letters.engine.errors import Finding

#: What is not printed: remarks of templates and of stylesheets.
_REMARK = re.compile(r"\{#.*?#\}|/\*.*?\*/", re.DOTALL)


def foreign_names(sources: Mapping[str, str], own: Iterable[str], others: Iterable[str]) -> Iterator[Finding]:
    """Yield a warning for each line of a family's files that names another organization.

    `sources` are the files by their place, `own` are the names of the family's organization, and `others` those of the
    organizations that other families name.
    """
    ours = list(own)
    wanted = sorted({each for each in others if not any(each in name for name in ours)}, key=len, reverse=True)
    if not wanted:
        return
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(each)}(?!\w)" for each in wanted))
    for place, text in sources.items():
        shown = _REMARK.sub(lambda found: "\n" * found.group().count("\n"), text)
        for number, line in enumerate(shown.split("\n"), start=1):
            found = pattern.search(line)
            if found is not None:
                message = f'names "{found.group()}", and the letters are of {ours[0]}'
                remedy = "write {{ organization }} or {{ short_name }}, in a stylesheet too"
                yield Finding("other-organization", "warning", message, source=place, line=number, remedy=remedy)
