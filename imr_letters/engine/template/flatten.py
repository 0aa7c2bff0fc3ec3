"""Read a template and what it extends and includes into one Jinja syntax tree.

The tree is what letters are rendered from and what their grammar is compiled from; each node of it knows its file.
"""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from imr_letters.engine.grammar.nodes import Origin
from imr_letters.engine.grammar.problems import Problems, did_you_mean

#: A template may be put together from so many files.
MOST_FILES = 60

#: Returns the text of a template by its name, or None.
Loader = Callable[[str], str | None]


def origin(node: nodes.Node) -> Origin:
    """Return the place of a node of a flattened tree."""
    return Origin(getattr(node, "file", "?"), node.lineno)


class Flattener:
    """Reads templates by name, replaces `extends`, `block` and `include` by what they stand for."""

    def __init__(self, environment: SandboxedEnvironment, load: Loader, known: list[str], problems: Problems) -> None:
        self._environment = environment
        self._load = load
        self._known = known
        self._problems = problems
        self.files: list[str] = []
        self._read = 0

    def flatten(self, name: str) -> nodes.Template | None:
        """Return the flat tree of a template, or None where a fault leaves nothing to go on with."""
        body = self._body(name, Origin(name, 1), {}, ())
        if body is None:
            return None
        tree = nodes.Template(body, lineno=1)
        tree.set_environment(self._environment)
        return tree

    def _body(
        self, name: str, asked: Origin, blocks: dict[str, nodes.Block], open_files: tuple[str, ...]
    ) -> list[nodes.Node] | None:
        tree = self._parse(name, asked, open_files)
        if tree is None:
            return None
        open_files = (*open_files, name)
        parents = [node for node in tree.body if isinstance(node, nodes.Extends)]
        if not parents:
            return self._splice(tree.body, blocks, open_files)
        for node in tree.body:
            if isinstance(node, nodes.Block):
                if getattr(blocks.get(node.name), "file", "") == name:
                    self._problems.add(
                        "template-block", origin(node), f'there are two blocks "{node.name}"', "keep one of the two"
                    )
                blocks.setdefault(node.name, node)
            elif node is not parents[0] and not _is_blank(node):
                self._problems.add(
                    "template-outside-block",
                    origin(node),
                    "words outside a block of a template that extends another are never printed",
                    "move them into a {% block %} that the extended template has",
                )
        parent = self._fixed_name(parents[0], parents[0].template)
        if parent is None:
            return None
        body = self._body(parent, origin(parents[0]), blocks, open_files)
        for block in blocks.values() if body is not None else ():
            if getattr(block, "file", "") == name and not getattr(block, "used", False):
                self._problems.add(
                    "template-block",
                    origin(block),
                    f'"{parent}" has no block "{block.name}", so this one is never printed',
                    "give the block the name of one that the extended template has",
                )
        return body

    def _parse(self, name: str, asked: Origin, open_files: tuple[str, ...]) -> nodes.Template | None:
        if name in open_files:
            self._problems.add(
                "template-circle", asked, f'"{name}" includes or extends itself', "take one of the two out"
            )
            return None
        self._read += 1
        if self._read > MOST_FILES:
            self._problems.add(
                "template-missing",
                asked,
                f"more than {MOST_FILES} templates are included",
                "put them together into fewer",
            )
            return None
        try:
            source = self._load(name)
        except (UnicodeDecodeError, OSError, ValueError):
            self._problems.add(
                "template-missing",
                asked,
                f'the template "{name[:60]}" cannot be read',
                "save it as a text file in UTF-8",
            )
            return None
        if source is None:
            self._problems.add(
                "template-missing",
                asked,
                f'there is no template "{name}"{did_you_mean(name, self._known)}',
                "name a file below templates/",
            )
            return None
        if name not in self.files:
            self.files.append(name)
        try:
            tree = self._environment.parse(source, name)
        except (RecursionError, ValueError):
            self._problems.add("template-syntax", Origin(name, 1), "is nested too deep to be read", "make it simpler")
            return None
        except TemplateSyntaxError as error:
            self._problems.add(
                "template-syntax",
                Origin(name, error.lineno),
                f"the template cannot be read: {error.message}",
                "every {{ needs its }} and every {% its %}; {% if %}, {% for %} and {% block %} need their end",
            )
            return None
        for node in tree.find_all(nodes.Node):
            node.file = name  # type: ignore[attr-defined]
        return tree

    def _splice(
        self, body: list[nodes.Node], blocks: dict[str, nodes.Block], open_files: tuple[str, ...]
    ) -> list[nodes.Node]:
        flat: list[nodes.Node] = []
        for node in body:
            if isinstance(node, nodes.Block):
                chosen = blocks.get(node.name, node)
                chosen.used = True  # type: ignore[attr-defined]
                flat += self._splice(chosen.body, blocks, open_files)
            elif isinstance(node, nodes.Include):
                name = self._fixed_name(node, node.template)
                included = None if name is None else self._body(name, origin(node), {}, open_files)
                flat += included or []
            else:
                for branch in ("body", "elif_", "else_"):
                    if isinstance(getattr(node, branch, None), list):
                        setattr(node, branch, self._splice(getattr(node, branch), blocks, open_files))
                flat.append(node)
        return flat

    def _fixed_name(self, node: nodes.Node, template: nodes.Expr) -> str | None:
        if isinstance(template, nodes.Const) and isinstance(template.value, str):
            return template.value
        self._problems.add(
            "template-name",
            origin(node),
            "the name of the other template is not fixed",
            'write the name in quotes, such as {% include "shared/header.html.jinja" %}',
        )
        return None


def _is_blank(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Output) and all(
        isinstance(part, nodes.TemplateData) and not part.data.strip() for part in node.nodes
    )
