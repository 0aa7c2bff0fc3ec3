"""What was edited between two versions: template lines, snippet versions, stylesheet rules, facts of a family."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Literal

from imr_letters.changes.trace import TemplateLine
from imr_letters.english.differences import Segment, aligned, likeness, segments
from imr_letters.imr.form import Family
from imr_letters.snippets import Library, Snippet

EditKind = Literal["template", "snippet", "stylesheet", "family", "refused", "unexplained"]
How = Literal["changed", "added", "removed", "moved"]

_TAG = re.compile(r"<[^>]*>")
_COMMENT = re.compile(r"\{#.*?#\}")
#: Lines that end a statement: the line that begins it says more.
_END = re.compile(r"(?:\{%-?\s*end\w+\s*-?%\}\s*)*")
#: Space between tags, or between a tag and the word next to it in a cell, does not show.
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing that was edited, and so a cause of differences.

    `looks` says that its words are the same and only markup, style or letterhead differs; `nothing` that only white
    space or a comment differs.
    """

    kind: EditKind
    where: str
    how: How
    before: str = ""
    after: str = ""
    looks: bool = False
    nothing: bool = False
    file: str = ""
    old: int | None = None
    new: int | None = None
    #: Where a line that moved was before.
    came_from: str = ""

    @property
    def manner(self) -> str:
        """How it was edited, in words."""
        return f"moved from {self.came_from}" if self.came_from else self.how

    @property
    def words(self) -> tuple[Segment, ...]:
        """What was edited in its line; a tag counts as a word of its own."""
        before, after = (_SPACE.sub(" ", _TAG.sub(r" \g<0> ", line)).strip() for line in (self.before, self.after))
        return segments(before, after)


class TemplateEdits:
    """The lines of templates that differ."""

    def __init__(self, old: Path, new: Path) -> None:
        #: By line of the old and of the new templates.
        self.at_old: dict[TemplateLine, Edit] = {}
        self.at_new: dict[TemplateLine, Edit] = {}
        names = sorted({str(path.relative_to(root)) for root in (old, new) for path in root.rglob("*.jinja")})
        #: Where lines that are the same are in the other templates.
        self.to_old: dict[TemplateLine, TemplateLine] = {}
        self.to_new: dict[TemplateLine, TemplateLine] = {}
        gone: list[tuple[int, str, int, str]] = []
        come: list[tuple[int, str, int, str]] = []
        hunks: list[tuple[str, list[tuple[int, str]], list[tuple[int, str]]]] = []
        for name in names:
            left, right = _lines(old / name), _lines(new / name)
            if left is None or right is None:
                self._whole_file(name, left, right)
                continue
            matcher = SequenceMatcher(None, left, right, autojunk=False)
            for tag, i, j, k, m in matcher.get_opcodes():
                if tag == "equal":
                    for shift in range(j - i):
                        here, there = (name, i + shift + 1), (name, k + shift + 1)
                        self.to_new[here], self.to_old[there] = there, here
                else:
                    before = [(number + 1, left[number]) for number in range(i, j)]
                    after = [(number + 1, right[number]) for number in range(k, m)]
                    gone += [(len(hunks), name, *each) for each in before]
                    come += [(len(hunks), name, *each) for each in after]
                    hunks.append((name, before, after))
        moved = self._moved(gone, come)
        for name, before, after in hunks:
            before = [each for each in before if (name, each[0]) not in self.at_old or each[1] not in moved]
            after = [each for each in after if (name, each[0]) not in self.at_new or each[1] not in moved]
            self._hunk(name, before, after)

    def __iter__(self) -> Iterator[Edit]:
        """Yield every edit once, in the order of the templates."""
        every = dict.fromkeys([*self.at_new.values(), *self.at_old.values()])
        yield from sorted(every, key=lambda edit: (edit.file, edit.new or edit.old or 0))

    def _whole_file(self, name: str, left: list[str] | None, right: list[str] | None) -> None:
        lines = left if right is None else right
        assert lines is not None
        how: How = "removed" if right is None else "added"
        edit = Edit("template", f"templates/{name}", how, file=name)
        places = self.at_old if right is None else self.at_new
        places.update({(name, number): edit for number in range(1, len(lines) + 1)})

    def _moved(self, gone: list[tuple[int, str, int, str]], come: list[tuple[int, str, int, str]]) -> set[str]:
        """Find lines that are elsewhere now, word for word."""
        found: set[str] = set()
        for hunk, name, number, text in gone:
            words = text.strip()
            fitting = [
                (file, line)
                for other, file, line, same in come
                if other != hunk and same.strip() == words and (file, line) not in self.at_new
            ]
            if len(_words(words).split()) < 3 or not fitting:
                continue
            file, line = fitting[0]
            where = f"templates/{file} line {line}"
            before = f"line {number}" if name == file else f"templates/{name} line {number}"
            edit = Edit("template", where, "moved", words, words, file=file, old=number, new=line, came_from=before)
            self.at_old[name, number] = self.at_new[file, line] = edit
            found.add(text)
        return found

    def _hunk(self, name: str, before: list[tuple[int, str]], after: list[tuple[int, str]]) -> None:
        pairs = aligned([text for _, text in before], [text for _, text in after], likeness)
        if len(before) == len(after) == 1:  # one line became another, however little they share
            pairs = [(0, 0)]
        for i, j in pairs:
            old = None if i is None else before[i]
            new = None if j is None else after[j]
            number = (new or old or (0, ""))[0]
            was, is_ = (old or (0, ""))[1].strip(), (new or (0, ""))[1].strip()
            how: How = "changed" if old and new else "removed" if old else "added"
            edit = Edit(
                "template",
                f"templates/{name} line {number}",
                how,
                was,
                is_,
                looks=_words(was) == _words(is_),
                nothing=_plain(was) == _plain(is_) or bool(_END.fullmatch(was) and _END.fullmatch(is_)),
                file=name,
                old=old and old[0],
                new=new and new[0],
            )
            if old:
                self.at_old[name, old[0]] = edit
            if new:
                self.at_new[name, new[0]] = edit


def _lines(path: Path) -> list[str] | None:
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError:
        return None


def _plain(line: str) -> str:
    """Return a line without what never shows: comments and doubled space."""
    return _SPACE.sub(" ", _COMMENT.sub("", line)).strip()


def _words(line: str) -> str:
    """Return a line's words, values and statements without its markup."""
    return _SPACE.sub(" ", _TAG.sub(" ", _plain(line))).strip()


def snippet_edits(old: Library, new: Library) -> dict[tuple[str, int], Edit]:
    """Return the snippet versions that differ, by id and version; a new version is held against the one before it."""
    left, right = ({snippet.key: snippet for snippet in library} for library in (old, new))
    found: dict[tuple[str, int], Edit] = {}
    for key in sorted(left.keys() | right.keys()):
        before, after = left.get(key), right.get(key)
        if before is None or after is None or before.source != after.source:
            how: How = "added" if before is None else "removed" if after is None else "changed"
            same = before is not None and after is not None and _shown(before) == _shown(after)
            where = f"rationale_snippets/{key[0]} version {key[1]}"
            earlier = max((version for name, version in right if name == key[0] and version < key[1]), default=0)
            against = right.get((key[0], earlier)) if before is None else before
            found[key] = Edit("snippet", where, how, _shown(against), _shown(after), nothing=same)
    return found


def _shown(snippet: Snippet | None) -> str:
    return "" if snippet is None else f"{snippet.body} ({snippet.about.status})"


def stylesheet_edits(old: Family, new: Family) -> list[Edit]:
    """Return the rules of a family's stylesheet that differ."""
    if old.css == new.css:
        return []
    left, right = rules(old.css), rules(new.css)
    file = f"{new.name}/letter.css" if (new.root / new.name / "letter.css").exists() else "shared/letter.css"
    found = []
    for name in dict.fromkeys([*right, *left]):
        before, after = left.get(name), right.get(name)
        if before != after:
            how: How = "added" if before is None else "removed" if after is None else "changed"
            where = f"templates/{file} {name}"
            edit = Edit("stylesheet", where, how, _declared(before), _declared(after), looks=True, file=file)
            found.append(edit)
    return found


def _declared(rule: dict[str, str] | None) -> str:
    return "" if rule is None else "; ".join(f"{name}: {value}" for name, value in rule.items())


def rules(css: str) -> dict[str, dict[str, str]]:
    """Return the rules of a stylesheet by selector, at-rules around it before it: their declarations."""
    import tinycss2

    found: dict[str, dict[str, str]] = {}
    _collect(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), "", found)
    return found


def _collect(nodes: list[Any], name: str, found: dict[str, dict[str, str]]) -> None:
    import tinycss2

    for node in nodes:
        if node.type == "declaration":
            value = _SPACE.sub(" ", tinycss2.serialize(node.value)).strip()
            found.setdefault(name, {})[node.name] = value + (" !important" if node.important else "")
        elif node.type in ("qualified-rule", "at-rule"):
            own = _SPACE.sub(" ", tinycss2.serialize(node.prelude)).strip()
            own = f"@{node.at_keyword} {own}".strip() if node.type == "at-rule" else own
            inner = " ".join(each for each in (name, own) if each)
            content = node.content or []
            in_media = node.type == "at-rule" and node.lower_at_keyword in ("media", "supports")
            read = tinycss2.parse_rule_list if in_media else tinycss2.parse_blocks_contents
            if not in_media:
                found.setdefault(inner, {})
            _collect(read(content, skip_comments=True, skip_whitespace=True), inner, found)


def family_edits(old: Family, new: Family) -> list[Edit]:
    """Return the facts of `family.toml` that differ and show in a letter."""
    found = []
    left, right = old.about.model_dump(mode="json"), new.about.model_dump(mode="json")
    for name in left.keys() | right.keys():
        if left.get(name) != right.get(name) and name != "lint":
            before, after = (f"{name} = {each.get(name)}" for each in (left, right))
            where = f"templates/{new.name}/family.toml {name}"
            found.append(Edit("family", where, "changed", before, after, looks=not name.startswith("in_force")))
    if old.logo != new.logo:
        found.append(Edit("family", f"templates/{new.name}/{new.about.letterhead.logo}", "changed", looks=True))
    return sorted(found, key=lambda edit: edit.where)
