"""Kinds of tags: the standard ones (ISO 32000-1, 14.8.4; ISO 32000-2, 14.8.4), and what others stand for.

Programs tag with names of their own, such as "/Standard" or "/Text body", and say in a role map what each stands for.
"""

from __future__ import annotations

from typing import Any


def _kinds(names: str) -> frozenset[str]:
    return frozenset(f"/{name}" for name in names.split())


#: Kinds whose words are a block, whatever is below them.
WHOLE = _kinds("TR LI")
#: Kinds that are blocks, or hold blocks.
BLOCKS = WHOLE | _kinds(
    "P H H1 H2 H3 H4 H5 H6 H7 H8 H9 Title Document DocumentFragment Part Art Sect Div BlockQuote Caption TOC TOCI "
    "Index L LBody Table THead TBody TFoot TH TD Aside"
)
#: Kinds that are words in a line of a block.
INLINE = _kinds(
    "Span Quote Note Reference BibEntry Code Link Annot Lbl Em Strong Sub FENote Ruby RB RT RP Warichu WT WP"
)
#: Kinds whose words are no part of a letter: what they show is reported.
PICTURES = _kinds("Figure Formula Form")
#: Kinds that say nothing of the structure: what is below them counts.
_NONE = _kinds("NonStruct Private Artifact")
STANDARD = BLOCKS | INLINE | PICTURES | _NONE
#: Most names that one name leads to by way of others.
_LONGEST_CHAIN = 20


class RoleMap:
    """What a document says its own kinds of tags stand for."""

    def __init__(self, root: Any) -> None:
        self._maps = [root.get("/RoleMap")]
        namespaces = root.get("/Namespaces")
        for each in list(namespaces) if _is_array(namespaces) else []:
            self._maps.append(each.get("/RoleMapNS") if _is_dictionary(each) else None)
        self._maps = [each for each in self._maps if _is_dictionary(each)]

    def standard(self, kind: str) -> str:
        """Return the standard kind that a kind stands for; the kind itself where it stands for none."""
        name = kind
        for _ in range(_LONGEST_CHAIN):
            if name in STANDARD:
                return name
            following = next((each.get(name) for each in self._maps if name in each), None)
            if following is not None and _is_array(following):  # a name and its namespace
                following = next(iter(following), None)
            if following is None:
                return kind
            name = str(following)
        return kind


def _is_array(node: Any) -> bool:
    import pikepdf

    return isinstance(node, pikepdf.Array)


def _is_dictionary(node: Any) -> bool:
    import pikepdf

    return isinstance(node, pikepdf.Dictionary)
