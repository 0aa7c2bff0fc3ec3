"""The pictures of docs/studio.md, and how soon the letter follows the typing.

python -m tests.studio_page makes the pictures again. With --speed it prints the times from a keystroke to the changed
letter, of a draft with 21 items.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from imr_letters import load
from imr_letters.draft import questionnaire
from tests.browser import browser
from tests.conftest import ROOT
from tests.studio import opened, saved, studio, value

FOLDER = ROOT / "docs" / "studio"
SAMPLE = ROOT / "samples" / "decisions" / "03-partial-overturn.yaml"
KEYSTROKES = 60


def begun() -> str:
    """Return a draft that is half written, with two things that are wrong."""
    data = load(SAMPLE).data()
    data["case"]["decided_on"] = "2016-01-15"
    data["items"][1].pop("rationale")
    data["items"] = data["items"][:2]
    return questionnaire.text(data)


def pictures() -> None:
    """Write the pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, browser() as page:
        folder = Path(name) / "September"
        folder.mkdir()
        (folder / "CM16-0900003.yaml").write_text(begun())
        (folder / "CM16-0900411.yaml").write_text(questionnaire.text({"case": {"number": "CM16-0900411"}}, items=2))
        (folder / "CM16-0900005.yaml").write_bytes(SAMPLE.read_bytes())
        with studio(folder) as served:
            page.resize(1280, 860)
            page.prefer("light")
            page.visit(served.link)
            (FOLDER / "cases.png").write_bytes(page.picture())
            opened(page, served, "CM16-0900003.yaml")
            value(page, "reviewer.licensed_in", "Californa")
            saved(page)
            (FOLDER / "draft.png").write_bytes(page.picture())
            page.evaluate("document.querySelectorAll('.offers')[1].open = true")
            page.wait("!!document.querySelector('.offers button')")
            page.evaluate("document.querySelectorAll('.offers')[1].scrollIntoView({block: 'center'})")
            (FOLDER / "wording.png").write_bytes(page.picture())
            page.resize(360, 800)
            page.prefer("dark")
            opened(page, served, "CM16-0900003.yaml")
            (FOLDER / "narrow.png").write_bytes(page.picture())


def speed() -> None:
    """Print the times from a keystroke to the changed letter."""
    data = load(SAMPLE).data()
    data["items"] = [
        {**data["items"][0], "request": f"Physical therapy, region {number}, 8 visits"} for number in range(21)
    ]
    with tempfile.TemporaryDirectory() as name, browser() as page:
        (Path(name) / "d.yaml").write_text(questionnaire.text(data))
        with studio(Path(name)) as served:
            page.visit(served.link)
            opened(page, served, "d.yaml")
            script = """new Promise(done => {
                const field = document.getElementById("items[10].rationale");
                const letter = document.getElementById("letter");
                const words = "Word" + NUMBER + ". ", page = letter.contentDocument, start = performance.now();
                const watch = new MutationObserver(() => {
                    if (!page.body.textContent.includes(words.trim())) return;
                    watch.disconnect();
                    done(performance.now() - start);
                });
                watch.observe(page.body, { subtree: true, childList: true, characterData: true });
                field.value = words + field.value;
                field.dispatchEvent(new Event("input", { bubbles: true }));
            })"""
            times = sorted(page.evaluate(script.replace("NUMBER", str(number))) for number in range(KEYSTROKES))
    shown = {"median": times[len(times) // 2], "p95": times[int(len(times) * 0.95)], "most": times[-1]}
    print(json.dumps({key: f"{each:.0f} ms" for key, each in shown.items()}))  # noqa: T201 - it is a command


if __name__ == "__main__":
    speed() if "--speed" in sys.argv else pictures()
