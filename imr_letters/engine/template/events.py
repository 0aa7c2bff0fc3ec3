"""First pass over a template: statements and expressions are checked and become events in a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from jinja2 import nodes

from imr_letters.engine.codecs.simple import EntryNumber
from imr_letters.engine.fields import FieldType, Group, Leaf, Listing
from imr_letters.engine.grammar.language import Language
from imr_letters.engine.grammar.nodes import Asserts, Condition, Origin, Val
from imr_letters.engine.grammar.problems import Problems, did_you_mean
from imr_letters.engine.paths import NUMBER, GrammarPath, as_written, dotted
from imr_letters.engine.template.flatten import origin
from imr_letters.engine.template.markup import MarkupReader, Token


@dataclass(frozen=True, slots=True)
class If:
    """A choice: each arm with what its taking asserts."""

    arms: tuple[tuple[Asserts, tuple[Event, ...]], ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class For:
    """A loop over a list of parts."""

    path: GrammarPath
    optional: bool
    body: tuple[Event, ...]
    origin: Origin


#: Prints the number of an entry.
_ENTRY = EntryNumber()
#: What a template does, in order.
Event = Token | Val | If | For
#: The loop variables in sight: name -> path of the entry.
_Scope = dict[str, tuple[GrammarPath, FieldType]]


class ConstantReader(Protocol):
    """Reads the constant text between statements and values."""

    #: The tags that are open, each with the place it was opened at.
    open: list[tuple[str, Origin]]

    @property
    def takes_words(self) -> bool:
        """Whether words may stand here."""

    def read(self, data: str, origin: Origin) -> list[Token]:
        """Return the tokens of one constant piece."""


class EventReader:
    """Checks statements and expressions, and makes them events."""

    def __init__(
        self,
        problems: Problems,
        language: Language,
        constants: ConstantReader | None = None,
        needs: tuple[GrammarPath, ...] = (),
    ) -> None:
        self.markup = constants or MarkupReader(problems)
        self._problems = problems
        self._language = language
        #: Fields that may be absent from a decision, but are in every one that these letters are made from.
        self._needs = needs

    def events(self, body: Sequence[nodes.Node], scope: _Scope, present: tuple[GrammarPath, ...]) -> tuple[Event, ...]:
        """Return the events of statements; `present` are the fields that conditions around them tell to be there."""
        present = present or self._needs
        found: list[Event] = []
        for node in body:
            if isinstance(node, nodes.Output):
                for part in node.nodes:
                    if isinstance(part, nodes.TemplateData):
                        found += self.markup.read(part.data, origin(part))
                    else:
                        value = self._value(part, scope, present)
                        found += [value] if value else []
            elif isinstance(node, nodes.If):
                found += self._if(node, scope, present)
            elif isinstance(node, nodes.For):
                found += self._for(node, scope, present)
            else:
                self._refuse_statement(node)
        return tuple(found)

    def _refuse_statement(self, node: nodes.Node) -> None:
        name = type(node).__name__.lower().replace("assign", "set").replace("fromimport", "from ... import")
        self._problems.add(
            "statement", origin(node), f"the statement {{% {name} %}} cannot be read back", self._language.allowed
        )

    def _value(self, node: nodes.Expr, scope: _Scope, present: tuple[GrammarPath, ...]) -> Val | None:
        where = origin(node)
        if _is_index(node):
            return self._index(where, scope)
        if not isinstance(node, nodes.Filter):
            self._refuse_value(node)
            return None
        if isinstance(node.node, nodes.Name) and node.node.name in self._language.constants:
            name = node.node.name
            message = f"{name} is what family.toml says, the same in every letter, and has no codec"
            self._problems.add("codec", where, message, f"write {{{{ {name} }}}}")
            return None
        if node.node is not None and _is_index(node.node):
            message = "loop.index is the number of an entry, and has no codec"
            self._problems.add("codec", where, message, "write {{ loop.index }}")
            return None
        inner = node.node
        if inner is None or isinstance(inner, nodes.Filter) or node.kwargs or node.dyn_args or node.dyn_kwargs:
            self._problems.add("filter", where, "a value takes exactly one codec", "write {{ field | codec }}")
            return None
        codecs = self._language.codecs
        if node.name not in codecs:
            self._problems.add(
                "codec",
                where,
                f'there is no codec "{node.name}"{did_you_mean(node.name, codecs)}',
                f"use one of {', '.join(codecs)}; other filters cannot be read back",
            )
            return None
        arguments = [arg.value for arg in node.args if isinstance(arg, nodes.Const) and isinstance(arg.value, str)]
        if len(arguments) != len(node.args):
            self._problems.add(
                "codec-argument", where, "a codec takes only fixed words in quotes", 'such as list(", ")'
            )
            return None
        found = self._path(inner, scope)
        if found is None:
            return None
        path, kind = found
        if isinstance(kind, Leaf) and kind.derived is not None:
            remedy = f'write {{% if {as_written(path)} == "{kind.choices[0]}" %}} and the words for each of its values'
            message = f"{dotted(path)} follows from other fields: it is asked for, and never printed"
            self._problems.add("derived", where, message, remedy)
            return None
        choices = kind.choices if isinstance(kind, Leaf) else ()
        try:
            chosen = codecs.make(node.name, *(choices if node.name == "choice" and not arguments else arguments))
        except ValueError as error:
            examples = " or ".join(codecs.with_arguments)
            remedy = f"such as {examples}" if examples else "leave the argument out"
            self._problems.add("codec-argument", where, str(error), remedy)
            return None
        if not isinstance(kind, Leaf) or kind.kind != chosen.kind or (choices and not _fits(chosen.examples(), kind)):
            self._wrong_codec(where, path, kind, node.name)
            return None
        if kind.optional and path not in present:
            self._absent(where, path)
        self._check_parents(where, path, present)
        if not self.markup.takes_words:
            self._problems.add(
                "value-outside",
                where,
                f"{dotted(path)} stands outside a paragraph, heading or cell",
                "put it into a tag such as <p>",
            )
            return None
        return Val(path, chosen, where)

    def _index(self, where: Origin, scope: _Scope) -> Val | None:
        """Return the number of the entry that the innermost loop is at."""
        if not scope:
            message = "loop.index is the number of an entry, and this is in no loop"
            self._problems.add("expression", where, message, "put it between {% for %} and {% endfor %}")
            return None
        if not self.markup.takes_words:
            message, remedy = "loop.index is outside a paragraph, heading or cell", "put it into a tag such as <p>"
            self._problems.add("value-outside", where, message, remedy)
            return None
        path, _ = list(scope.values())[-1]
        return Val((*path, NUMBER), _ENTRY, where)

    def _absent(self, where: Origin, path: GrammarPath) -> None:
        self._problems.add(
            "may-be-absent",
            where,
            f"{dotted(path)} may be absent, and would then print nothing",
            f"put it and the words around it between {{% if {as_written(path)} %}} and {{% endif %}}",
        )

    def _check_parents(self, where: Origin, path: GrammarPath, present: tuple[GrammarPath, ...]) -> None:
        """Fields of a part that may be absent need the condition on the part."""
        here: FieldType = self._language.root
        for length, name in enumerate(path, start=1):
            if name == "*" or not here.fields:
                continue
            here = here.fields[name]
            if isinstance(here, Group) and here.optional and path[:length] not in present:
                self._absent(where, path[:length])

    def _wrong_codec(self, where: Origin, path: GrammarPath, kind: FieldType, name: str) -> None:
        if not isinstance(kind, Leaf):
            known = ", ".join(kind.fields)
            message = f"{dotted(path)} is a group of fields, not a value"
            remedy = f"print its fields one by one: {known}" + (
                " (in a {% for %})" if isinstance(kind, Listing) else ""
            )
        else:
            fitting = self._language.codecs.printing(kind.kind)
            if kind.choices and len(fitting) > 1:
                fitting = [each for each in fitting if _fits(each().examples(), kind)]
            message = f"the codec {name} does not print {dotted(path)}"
            remedy = f"use {' or '.join(each.name for each in fitting)}"
        self._problems.add("codec-kind", where, message, remedy)

    def _refuse_value(self, node: nodes.Expr) -> None:
        kinds = {nodes.Name: "has no codec", nodes.Getattr: "has no codec", nodes.Call: "is a call"}
        kind = next((text for each, text in kinds.items() if isinstance(node, each)), "is a computation")
        names = f"{self._language.field} of the {self._language.noun}"
        remedy = (
            f"say how it is printed: {{{{ field | codec }}}} with one of {', '.join(self._language.codecs)}"
            if kind == "has no codec"
            else f"print a {names} with a codec; what is computed cannot be read back"
        )
        self._problems.add("expression", origin(node), f"the expression {kind}", remedy)

    def _path(self, node: nodes.Node, scope: _Scope) -> tuple[GrammarPath, FieldType] | None:
        names: list[str] = []
        inner = node
        while isinstance(inner, nodes.Getattr):
            names.insert(0, inner.attr)
            inner = inner.node
        if not isinstance(inner, nodes.Name):
            self._refuse_value(node if isinstance(node, nodes.Expr) else nodes.Const(None))
            return None
        path: GrammarPath = ()
        here: FieldType = self._language.root
        if inner.name in scope:
            path, here = scope[inner.name]
        else:
            names.insert(0, inner.name)
        for name in names:
            known = here.fields if isinstance(here, Group) else {}
            if isinstance(here, Group) and name in here.derived:
                path, here = (*path, name), here.derived[name]
                continue
            if name not in known:
                about = f"{dotted(path)} has" if path else f"{self._language.subject} has"
                loops = set(scope) if not path else set()
                self._problems.add(
                    "unknown-field",
                    origin(node),
                    f'{about} no {self._language.field} "{name}"{did_you_mean(name, [*known, *loops])}',
                    f"use one of {', '.join(known)}" if known else "print the value itself",
                )
                return None
            path, here = (*path, name), known[name]
        return path, here

    def _if(self, node: nodes.If, scope: _Scope, present: tuple[GrammarPath, ...]) -> list[Event]:
        failed: Asserts = ()
        arms: list[tuple[Asserts, tuple[Event, ...]]] = []
        for branch in (node, *node.elif_):
            found = self._condition(cast("nodes.Expr", branch.test), scope, present)
            if found is None:
                return []
            condition, truth = found
            holds = (*failed, (condition, truth))
            arms.append((holds, self._arm(branch.body, scope, _present(holds, present), branch)))
            failed = (*failed, (condition, not truth))
        arms.append((failed, self._arm(node.else_, scope, _present(failed, present), node)))
        return [If(tuple(arms), origin(node))]

    def _arm(
        self, body: list[nodes.Node], scope: _Scope, present: tuple[GrammarPath, ...], node: nodes.Node
    ) -> tuple[Event, ...]:
        before = list(self.markup.open)
        found = self.events(body, scope, present)
        if [tag for tag, _ in self.markup.open] != [tag for tag, _ in before]:
            self._problems.add(
                "tag-balance",
                origin(node),
                "a tag is opened on one side of a statement and closed on the other",
                "open and close each tag inside the same {% if %}, {% else %} or {% for %}",
            )
            self.markup.open = before
        return found

    def _condition(
        self, test: nodes.Expr, scope: _Scope, present: tuple[GrammarPath, ...]
    ) -> tuple[Condition, bool] | None:
        if isinstance(test, nodes.Not):
            inner = self._condition(test.node, scope, present)
            return inner and (inner[0], not inner[1])
        value: str | None = None
        truth = True
        if isinstance(test, nodes.Compare) and len(test.ops) == 1 and test.ops[0].op in ("eq", "ne"):
            truth = test.ops[0].op == "eq"
            compared = test.ops[0].expr
            value = compared.value if isinstance(compared, nodes.Const) and isinstance(compared.value, str) else ""
            test = test.expr
        elif not isinstance(test, nodes.Name | nodes.Getattr):
            value = ""
        found_path = self._path(test, scope) if isinstance(test, nodes.Name | nodes.Getattr) else None
        if found_path is None and isinstance(test, nodes.Name | nodes.Getattr):
            return None
        where = origin(test)
        remedy = self._language.conditions
        kind = found_path[1] if found_path is not None else None
        choices = kind.choices if isinstance(kind, Leaf) else ()
        if found_path is None or kind is None or (value == "" and not choices):
            self._problems.add("condition", where, "a condition of this form cannot be read back", remedy)
            return None
        path, _ = found_path
        self._check_parents(where, path[:-1], present)
        if value is None and path in self._needs:
            message = f"{dotted(path)} is in every letter of this family (needs in family.toml), so this is always true"
            self._problems.add("condition", where, message, "take the condition out, or the field out of needs")
            return None
        if value is None and not kind.optional:
            self._problems.add("condition", where, f"{dotted(path)} is always present, so this is always true", remedy)
            return None
        if value is not None and value not in choices:
            known = f"its values are {', '.join(choices)}" if choices else "it has no closed set of values"
            self._problems.add("condition", where, f'{dotted(path)} is never "{value}": {known}', remedy)
            return None
        derived = kind.derived.of if isinstance(kind, Leaf) and kind.derived is not None else None
        optional = kind.optional and path not in self._needs
        return Condition(path, value, choices, derived, optional), truth

    def _for(self, node: nodes.For, scope: _Scope, present: tuple[GrammarPath, ...]) -> list[Event]:
        where = origin(node)
        usual = self._language.listing
        if node.test is not None or node.recursive or node.else_ or not isinstance(node.target, nodes.Name):
            self._problems.add(
                "loop",
                where,
                "a loop of this form cannot be read back",
                f"write {{% for {usual[:-1]} in {usual} %}} ... {{% endfor %}}" if usual else self._language.allowed,
            )
            return []
        found = self._path(node.iter, scope) if isinstance(node.iter, nodes.Name | nodes.Getattr) else None
        if found is None:
            if not isinstance(node.iter, nodes.Name | nodes.Getattr):
                message = f"a loop goes over a list of the {self._language.noun}"
                self._problems.add("loop", where, message, f"such as {usual}" if usual else self._language.allowed)
            return []
        path, kind = found
        if not isinstance(kind, Listing):
            remedy = f"loops go over lists such as {usual}" if usual else self._language.allowed
            self._problems.add("loop", where, f"{dotted(path)} is not a list of parts", remedy)
            return []
        self._check_parents(where, path[:-1], present)
        if any(path == known[: len(path)] for known, _ in scope.values()):
            self._problems.add(
                "loop",
                where,
                f"this loop goes over {dotted(path)} inside a loop over it",
                "end the other loop before it",
            )
            return []
        taken = {*scope, *self._language.root.fields, *self._language.constants, "loop"}
        if node.target.name in taken:
            self._problems.add(
                "loop",
                where,
                f'the name "{node.target.name}" already means something',
                "give the loop another name",
            )
            return []
        entry = {**scope, node.target.name: ((*path, "*"), kind.entry)}
        return [For(path, kind.optional and path not in present, self._arm(node.body, entry, present, node), where)]


def _is_index(node: nodes.Node) -> bool:
    """Return whether an expression is `loop.index`."""
    return (
        isinstance(node, nodes.Getattr)
        and node.attr == "index"
        and isinstance(node.node, nodes.Name)
        and node.node.name == "loop"
    )


def _present(asserts: Asserts, before: tuple[GrammarPath, ...]) -> tuple[GrammarPath, ...]:
    return before + tuple(condition.path for condition, truth in asserts if condition.value is None and truth)


def _fits(examples: Iterable[object], kind: Leaf) -> bool:
    return set(examples) == set(kind.choices)
