"""The house's floors: an import only ever goes down."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "imr_letters"

#: Ground first; rooms of one floor do not import each other, except inside a room.
FLOORS = [
    ["english", "watching"],
    ["engine"],
    ["workers"],
    ["media"],
    ["imr"],
    ["snippets"],
    ["wording"],
    ["verification", "explaining"],
    ["letters"],
    ["lint", "mining"],
    ["api"],
    ["publish", "draft", "batch", "changes", "testing"],
    ["worksheets", "studio"],
    ["doctor", "samples", "cover"],
    ["cli"],
]
_FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports() -> dict[str, frozenset[str]]:
    """Return by module the modules of the package that it imports, at its top or inside a function."""
    names = {module(path): path for path in PACKAGE.rglob("*.py")}
    return {name: frozenset(_imported(path, names)) - {name} for name, path in names.items()}


def _imported(path: Path, known: Iterable[str]) -> Iterable[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        found: list[str] = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            found = [name if name in known else node.module for name in inner]
        yield from (name for name in found if name in known)


def imported(path: Path) -> set[str]:
    """Return the rooms that a module imports."""
    return {name.split(".")[1] for name in imports()[module(path)] if "." in name}


def circle(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """Return one circle of a graph, from a node back to it; nothing where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def between(rooms: Mapping[str, str]) -> dict[str, set[str]]:
    """Return by room the rooms it imports, given the room of each module."""
    graph: dict[str, set[str]] = {each: set() for each in rooms.values()}
    for name, others in imports().items():
        if name in rooms:
            graph[rooms[name]] |= {rooms[other] for other in others if other in rooms} - {rooms[name]}
    return graph


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_go_down(path: Path) -> None:
    here = room(path)
    for other in imported(path) - {here}:
        assert _FLOOR[other] < _FLOOR[here], f"{here} imports {other}, which is not below it"


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert " -> ".join(circle(imports())) == ""


def test_no_two_rooms_import_each_other() -> None:
    """Neither the rooms of the package, nor the folders inside a room."""
    names = {name: name.split(".")[1:-1] for name in imports()}
    rooms = {name: name.split(".")[1] for name in names if "." in name}
    folders = {name: ".".join(inside[:2]) for name, inside in names.items() if len(inside) > 1}
    assert " -> ".join(circle(between(rooms))) == ""
    assert " -> ".join(circle(between(folders))) == ""


def test_a_circle_is_found() -> None:
    found = circle({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]})
    assert sorted(found[1:]) == ["a", "b", "c"]
    assert found[0] == found[-1]
    assert circle({"a": ["b"], "b": ["c"], "d": ["a", "c"]}) == []


def test_every_room_has_a_floor() -> None:
    assert {room(path) for path in modules()} == set(_FLOOR)


def test_only_the_media_know_the_pdf_engines() -> None:
    for path in modules():
        source = path.read_text(encoding="utf-8")
        if room(path) != "media":
            assert "import weasyprint" not in source
            assert "import pikepdf" not in source
        if path.name not in ("rows.py", "raster.py", "sight.py"):
            assert "import pypdfium2" not in source


def test_no_regular_expressions_for_letters_outside_codecs_and_grammar() -> None:
    """No field list and no wording of a letter in the parser: both come from the template."""
    wording = ["rationale: ", "guideline: ", "Upheld", "Licensure", "CLINICAL CASE"]
    for path in modules():
        if room(path) in ("engine", "media"):
            source = path.read_text(encoding="utf-8")
            for words in wording:
                assert words not in source, f"{path.name} knows the words {words}"


def test_nobody_imports_click() -> None:
    for path in [*modules(), *sorted((ROOT / "tests").glob("*.py"))]:
        assert "click" not in _top_level(path)


def _top_level(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    return plain | {
        node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
    }


def test_no_module_bears_the_name_of_an_exported_function() -> None:
    import imr_letters

    for name in imr_letters.__all__:
        assert not (PACKAGE / f"{name}.py").exists(), f"imr_letters.{name} is a function, and may not be a module, too"
        assert not (PACKAGE / name).exists()


#: Where folders of templates and snippets come in one by one: from users of the library, the tests and the commands.
DOORS = ("api", "testing", "cli")


def test_templates_and_snippets_travel_as_one_wording() -> None:
    for path in modules():
        if room(path) in (*DOORS, "wording"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
            if isinstance(node, ast.FunctionDef):
                assert not {"templates", "snippets"} <= names, f"{path.name}: {node.name} takes both folders"


#: Modules whose names may repeat another's: a codec is called like the type of its values, and the review program's
#: types are those of the engine with its decision filled in.
NAMESAKES = ("/codecs/", "imr/form.py")


def test_one_name_has_one_meaning() -> None:
    """Of classes and types that other modules can see."""
    known: dict[str, str] = {}
    for path in modules():
        here = str(path.relative_to(PACKAGE))
        if any(each in here for each in NAMESAKES):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            targets = node.targets if isinstance(node, ast.Assign) else []
            names = [each.id for each in targets if isinstance(each, ast.Name) and not each.id.isupper()]
            names += [node.name] if isinstance(node, ast.ClassDef) else []
            for name in names:
                if name[:1].isupper():
                    assert name not in known, f"{name} is defined in {known[name]} and in {here}"
                    known[name] = here
