"""The pytest plugin, used from a project of its own as docs/testing.md says, and the hooks for pre-commit."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from PIL import Image, ImageDraw

from imr_letters import render
from imr_letters.cli import app
from imr_letters.media.pdf import raster
from imr_letters.testing import make_decision, plugin
from tests.conftest import ROOT, needs
from tests.test_docs import COMMANDS, blocks

PAGE = ROOT / "docs" / "testing.md"
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Project:
    """Somebody's folder with templates and the tests of the page."""

    root: Path
    python: str = sys.executable

    def pytest(self, *arguments: str, code: int = 0) -> str:
        """Run pytest as its owner would; return what it said."""
        command = [self.python, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
        # pytest prints more where CI is set, and as wide as the terminal is.
        mine = ("PYTEST", "COV_", "CI", "BUILD_NUMBER", "COLUMNS")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(mine)}
        done = subprocess.run(  # noqa: S603
            command, cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def change(self, file: str, old: str, new: str) -> None:
        path = self.root / file
        words = path.read_text(encoding="utf-8")
        assert old in words
        path.write_text(words.replace(old, new), encoding="utf-8")

    def files(self, folder: str) -> set[str]:
        return {path.name for path in (self.root / "tests" / folder).rglob("*") if path.is_file()}


def _project(root: Path, python: str = sys.executable) -> Project:
    shutil.copytree(ROOT / "templates", root / "templates")
    (settings,) = blocks(PAGE, "toml")
    (root / "pyproject.toml").write_text(settings, encoding="utf-8")
    (root / "tests").mkdir()
    (root / "tests" / "test_letters.py").write_text("\n".join(blocks(PAGE, "python")), encoding="utf-8")
    return Project(root, python)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return _project(tmp_path / "project")


#: The tests of the page that compare letters.
LETTERS = ("-q", "-k", "wording or pages")


def _first_change(project: Project) -> None:
    """Go the way of the page: nothing is kept, letters are kept, a word changes."""
    said = project.pytest("-q", "-k", "wording and one", code=1)
    assert "there is no snapshot of the text letter yet" in said
    assert "11 snapshots generated" in project.pytest(*LETTERS, "--snapshot-update")
    kept = project.files("__snapshots__")
    assert {"test_wording[one-item].txt", "test_wording[one-item].html", "test_pages[pages].txt"} < kept
    assert {f"test_pages[page-{number}].png" for number in (1, 2)} < kept
    assert project.files("__received__") == {".gitignore"}
    assert "11 snapshots passed" in project.pytest(*LETTERS)
    project.change("templates/dwc-2015/letter.html.jinja", "more than five years", "at least five years")
    said = project.pytest(*LETTERS, code=1)
    assert "5 failed, 5 deselected" in said
    shown = blocks(PAGE, "log")[0]
    assert re.sub(r"line \d+", "line 13", said).count(shown) == 1, "the page shows another message"
    received = project.files("__received__")
    assert {"test_pages[page-1].png", "test_pages[page-1].difference.png"} < received
    assert "test_pages[page-2].png" not in received
    letter = project.root / "tests/__received__/test_letters/test_wording[one-item].txt"
    assert "at least five years" in letter.read_text(encoding="utf-8")


def test_a_project_keeps_its_letters(project: Project) -> None:
    _first_change(project)
    # Taken back, all agree again and nothing is left lying about.
    project.change("templates/dwc-2015/letter.html.jinja", "at least five years", "more than five years")
    project.pytest(*LETTERS)
    assert project.files("__received__") == {".gitignore"}


@pytest.mark.slow
def test_a_project_that_has_the_wheel_keeps_its_letters(tmp_path: Path) -> None:
    uv = shutil.which("uv")
    assert uv
    python = tmp_path / "venv" / "bin" / "python"
    for command in (
        ["build", "--wheel", "--out-dir", tmp_path / "dist", ROOT],
        ["venv", "--python", sys.executable, tmp_path / "venv"],
    ):
        subprocess.run([uv, *map(str, command)], check=True, capture_output=True)  # noqa: S603
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    install = [uv, "pip", "install", "--python", str(python), f"{wheel}[testing]"]
    subprocess.run(install, check=True, capture_output=True)  # noqa: S603
    project = _project(tmp_path / "project", str(python))
    _first_change(project)
    # Accepted, the kept letters say the new words, and the other tests of the page pass too.
    assert "10 snapshots updated" in project.pytest(*LETTERS, "--snapshot-update")
    kept = project.root / "tests/__snapshots__/test_letters/test_wording[one-item].html"
    assert "at least five years" in kept.read_text(encoding="utf-8")
    assert "10 passed" in project.pytest("-q")


@pytest.mark.slow
def test_a_change_of_looks_is_seen_in_the_pages_alone(project: Project) -> None:
    only = ("-q", "-k", "pages")
    project.pytest(*only, "--snapshot-update")
    sheet = project.root / "templates" / "shared" / "letter.css"
    sheet.write_text(sheet.read_text(encoding="utf-8") + "\nh1 { text-decoration: underline }\n", encoding="utf-8")
    said = project.pytest(*only, code=1)
    assert re.search(r"page 1 does not look as it did: 0\.\d\d% of its dots differ, 0\.02% may", said)
    assert "the PDF is not the one that was kept" not in said
    (project.root / "pyproject.toml").open("a", encoding="utf-8").write("letter_page_tolerance = 0.05\n")
    project.pytest(*only)


def test_a_template_that_is_refused_fails_with_its_message(project: Project) -> None:
    project.change("templates/dwc-2015/letter.html.jinja", "reviewer.certifications", "reviewer.certificates")
    said = project.pytest("-q", "-k", "wording and one", code=1)
    assert "the letter cannot be made" in said
    assert 'templates/dwc-2015/letter.html.jinja:7: reviewer has no field "certificates"' in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_several_letters_of_one_test_and_every_kind_of_source(project: Project) -> None:
    shutil.copy(ROOT / "samples" / "decisions" / "01-one-item-upheld.yaml", project.root / "decision.yaml")
    (project.root / "tests" / "test_letters.py").write_text(
        """
from pathlib import Path

import pytest
from imr_letters import render
from imr_letters.testing import make_decision, plugin


class TestLetters:
    def test_several(self, letter_snapshot, letter_templates):
        letter_snapshot(Path("decision.yaml"))
        letter_snapshot(make_decision())
        letter = letter_snapshot(render(make_decision(number=1), templates=letter_templates), "html", name="third")
        assert letter.family == "dwc-2015"
        with pytest.raises(ValueError, match="no such medium: word; use text, html, pdf"):
            letter_snapshot(make_decision(), "word")
""",
        encoding="utf-8",
    )
    project.pytest("-q", "--snapshot-update")
    names = [f"TestLetters.test_several{end}" for end in (".txt", "[1].txt", "[third].html")]
    assert project.files("__snapshots__") == set(names)
    # Compared by another process than the one that wrote them, with the templates in another place.
    (project.root / "templates").rename(project.root / "others")
    assert "3 snapshots passed" in project.pytest("-q", "-n", "1", "--letter-templates", "others")


@pytest.mark.slow
def test_pdf_letters_are_skipped_where_none_can_be_made(project: Project) -> None:
    (project.root / "conftest.py").write_text(
        """
import pytest
from imr_letters.engine.errors import EngineError
from imr_letters.media.pdf import writer


@pytest.fixture(autouse=True)
def without_pango(monkeypatch):
    def write(*args, **kwargs):
        raise EngineError.of("Pango is missing", remedy="install it")
    monkeypatch.setattr(writer, "write", write)
""",
        encoding="utf-8",
    )
    said = project.pytest("-q", "-rs", "-k", "pages")
    assert "PDF letters cannot be made on this machine: Pango is missing" in said
    project.change("tests/test_letters.py", '"pdf"', '"text", "pdf"')
    assert "there is no snapshot of the text letter yet" in project.pytest("-q", "-k", "pages", code=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--letter-templates", "nowhere"), "letter_templates: there is no folder"),
        (("-p", "no:syrupy"), "letter_snapshot needs syrupy: install imr-letters[testing]"),
    ],
)
def test_what_is_missing_is_told(project: Project, arguments: tuple[str, ...], message: str) -> None:
    assert message in project.pytest("-q", "-k", "wording and one", *arguments, code=1)


@pytest.mark.parametrize("given", ["2", "-0.1", "much", "nan"])
def test_a_tolerance_is_a_share(given: str) -> None:
    with pytest.raises(pytest.UsageError, match="must be a number from 0 to 1"):
        plugin.tolerance(given)
    assert plugin.tolerance("0.05") == 0.05


def _picture(draw: Callable[[ImageDraw.ImageDraw], object], size: tuple[int, int] = (200, 100)) -> bytes:
    image = Image.new("L", size, 255)
    draw(ImageDraw.Draw(image))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_pictures_are_compared_within_a_tolerance() -> None:
    plain = _picture(lambda sheet: sheet.rectangle((10, 10, 19, 19), fill=0))
    paler = _picture(lambda sheet: sheet.rectangle((10, 10, 19, 19), fill=40))
    moved = _picture(lambda sheet: sheet.rectangle((10, 11, 19, 20), fill=0))
    assert raster.share(plain, plain) == raster.share(plain, paler) == 0
    assert raster.share(plain, moved) == pytest.approx(20 / 20_000)
    assert raster.share(plain, _picture(lambda sheet: None, (200, 101))) == 1  # noqa: ARG005
    shown = Image.open(io.BytesIO(raster.overlay(plain, moved)))
    colours = [shown.getpixel((15, row)) for row in (10, 15, 20, 50)]
    assert colours == [(200, 30, 30), (128, 128, 128), (20, 90, 200), (255, 255, 255)]


def test_the_words_of_pages_are_those_of_the_letter() -> None:
    letter = render(make_decision(items=4, outcome="mixed"))
    words = " ".join(page.words for page in raster.pages(letter.pdf())).split()
    for block in letter.letter.blocks:
        assert set(block.text.split()) <= set(words)


def test_hooks_run_commands_that_exist() -> None:
    assert [hook["id"] for hook in HOOKS] == ["imr-letters-check", "imr-letters-snippets-check"]
    for hook in HOOKS:
        program, _, command = hook["entry"].partition(" ")
        assert program == "imr-letters"
        (option,) = [each for each in COMMANDS[command].params if hook["args"][0] in each.opts]
        assert option.name == hook["args"][0].removeprefix("--")
        assert hook["pass_filenames"] is False
        assert f"- id: {hook['id']}\n        args: [{', '.join(hook['args'])}]" in PAGE.read_text(encoding="utf-8")
    assert app is not None


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Somebody's git repository with templates, snippets and the hooks, run by the program of this environment."""
    for name in ("templates", "rationale_snippets"):
        shutil.copytree(ROOT / name, tmp_path / name)
    here = [{**hook, "language": "system"} for hook in HOOKS]
    config = {"repos": [{"repo": "local", "hooks": here}]}
    (tmp_path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", ".")
    return tmp_path


def _git(folder: Path, *arguments: str) -> None:
    settings = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run([needs("git"), *settings, *arguments], cwd=folder, check=True, capture_output=True)  # noqa: S603


def _pre_commit(folder: Path, *arguments: str) -> tuple[int, str]:
    binaries = Path(sys.executable).parent
    environment = os.environ | {
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(folder.parent / f"{folder.name}-pre-commit"),
    }
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "pre_commit", "run", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_hooks_pass_and_fail_with_the_message_of_the_check(repository: Path) -> None:
    code, said = _pre_commit(repository, "--all-files")
    assert (code, said.count("Passed")) == (0, 2), said
    _git(repository, "commit", "-qm", "first")
    # A file that neither hook is about.
    (repository / "notes.txt").write_text("x", encoding="utf-8")
    _git(repository, "add", ".")
    code, said = _pre_commit(repository)
    assert (code, said.count("Skipped")) == (0, 2), said
    file = repository / "templates" / "shared" / "determination.html.jinja"
    file.write_text(file.read_text(encoding="utf-8").replace("item.outcome | outcome", "item.outcome"), "utf-8")
    _git(repository, "add", ".")
    code, said = _pre_commit(repository)
    assert code == 1
    assert re.search(r"templates/shared/determination.html.jinja:\d+: the expression has no codec", said)
    assert "remedy: say how it is printed" in said
