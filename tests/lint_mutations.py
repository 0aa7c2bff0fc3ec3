"""Plant one known fault in each of many sound letters, and see whether lint finds it with the right code.

    python -m tests.lint_mutations 1000

Each letter is rendered, read back and linted as a letter, once sound and once with its fault. In the sound ones nothing
may be found but advice.
"""

from __future__ import annotations

import copy
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from imr_letters import api, samples
from imr_letters.imr.model import Decision
from imr_letters.imr.records import load
from imr_letters.wording import SHIPPED
from tests.lint_letters import DRUGS, FORMATS, LEVELS, PARTS, Letter, letter

#: Plants a fault in a letter's data; returns False where the letter has no place for it.
Plant = Callable[[Random, Letter], bool]
PLANTS: dict[str, tuple[str, Plant]] = {}


def plants(kind: str, code: str) -> Callable[[Plant], Plant]:
    """Enter a kind of fault, with the code of the rule that must find it."""

    def enter(plant: Plant) -> Plant:
        PLANTS[kind] = (code, plant)
        return plant

    return enter


def _day(made: Letter, name: str) -> date:
    return date.fromisoformat(made.data["case"][name])


def _swap(made: Letter, old: str, new: str) -> bool:
    """Replace words of the summary."""
    before = made.data["clinical_summary"]
    if not old:
        return False
    made.data["clinical_summary"] = before.replace(old, new, 1)
    return bool(made.data["clinical_summary"] != before)


def _conclude(made: Letter, index: int, old: str, new: str) -> bool:
    """Replace words of an item's concluding sentence."""
    said = made.said[index]
    item = made.data["items"][index]
    if old not in said or old == new:
        return False
    item["rationale"] = item["rationale"].replace(said, said.replace(old, new))
    return True


def _pick(random: Random, made: Letter, *kinds: str) -> int | None:
    found = made.items(*kinds)
    return random.choice(found) if found else None


@plants("outcome flipped", "outcome-conclusion")
def _outcome(random: Random, made: Letter) -> bool:
    index = _pick(random, made, "drug", "therapy", "imaging", "injection", "modified", "retrospective", "sample")
    if index is None:
        return False
    item = made.data["items"][index]
    item["outcome"] = "overturned" if item["outcome"] == "upheld" else "upheld"
    return True


_OPPOSITES = [
    ("is not medically", "is medically"),
    ("to not be medically", "to be medically"),
    ("considered not medically", "considered medically"),
    ("cannot be considered", "is considered"),
    ("not been established", "been established"),
    ("is medically", "is not medically"),
    ("considered medically", "considered not medically"),
    ("has been established", "has not been established"),
]


@plants("conclusion flipped", "outcome-conclusion")
def _conclusion(random: Random, made: Letter) -> bool:
    index = random.randrange(len(made.kinds))
    if not made.said[index]:
        return False
    return any(_conclude(made, index, old, new) for old, new in _OPPOSITES)


@plants("header: date of injury", "injury-date")
def _header_injury(random: Random, made: Letter) -> bool:
    shift = random.choice([-365, -31, -10, -1])
    made.data["case"]["injured_on"] = str(_day(made, "injured_on") + timedelta(days=shift))
    return True


@plants("summary: date of injury", "injury-date")
def _summary_injury(random: Random, made: Letter) -> bool:
    other = _day(made, "injured_on") + timedelta(days=random.choice([-366, -30, 1, 9]))
    return _swap(made, made.days.get("injured", ""), random.choice(FORMATS)(other))


@plants("header: UR denial date", "denial-date")
def _header_denial(random: Random, made: Letter) -> bool:
    made.data["case"]["ur_denied_on"] = str(_day(made, "ur_denied_on") - timedelta(days=random.choice([1, 2, 10, 30])))
    return True


@plants("summary: UR denial date", "denial-date")
def _summary_denial(random: Random, made: Letter) -> bool:
    other = _day(made, "ur_denied_on") - timedelta(days=random.choice([1, 2, 10, 30]))
    return _swap(made, made.days.get("denied", ""), random.choice(FORMATS)(other))


@plants("dates out of order", "date-order")
def _order(random: Random, made: Letter) -> bool:
    one, other = random.choice([("assigned_on", "decided_on"), ("application_received_on", "assigned_on")])
    case = made.data["case"]
    case[one], case[other] = case[other], case[one]
    return bool(case[one] != case[other])


@plants("a day that does not exist", "date-impossible")
def _impossible(random: Random, made: Letter) -> bool:
    return _swap(
        made, made.days.get("visit", ""), random.choice(["02/30/2016", "13-09-2016", "11/31/2016", "09/22/20165"])
    )


@plants("a visit after the decision", "date-after-decision")
def _late_visit(random: Random, made: Letter) -> bool:
    late = _day(made, "decided_on") + timedelta(days=random.choice([2, 40, 365, 3650]))
    return _swap(made, made.days.get("visit", ""), random.choice(FORMATS)(late))


@plants("another strength", "strength-differs")
def _strength(random: Random, made: Letter) -> bool:
    index = _pick(random, made, "drug")
    if index is None:
        return False
    strength = next(each for name, each, _ in DRUGS if made.data["items"][index]["request"].startswith(name))
    return _conclude(made, index, strength, random.choice(["5/325mg", "250mg", "10 mg", "75mg", "37.5mg"]))


@plants("another quantity", "quantity-differs")
def _quantity(random: Random, made: Letter) -> bool:
    index = _pick(random, made, "drug", "modified")
    return index is not None and any(
        _conclude(made, index, f"#{number}", f"#{random.choice([15, 45, 180])}") for number in (120, 90, 60, 30, 20)
    )


@plants("another number of visits", "count-differs")
def _count(random: Random, made: Letter) -> bool:
    index = _pick(random, made, "therapy")
    other = random.choice(["10", "16", "24", "five", "twenty"])
    return index is not None and any(_conclude(made, index, f" {n} ", f" {other} ") for n in (8, 12, 18))


@plants("the other side", "side-differs")
def _side(random: Random, made: Letter) -> bool:
    index = _pick(random, made, "therapy", "imaging", "surgery")
    if index is None:
        return False
    side = made.person["side"]
    other = "right" if side == "left" else "left"
    return _conclude(made, index, side, other) or _conclude(made, index, side.capitalize(), other.capitalize())


@plants("another level of the spine", "level-differs")
def _level(random: Random, made: Letter) -> bool:
    index = _pick(random, made, "injection")
    old = next((each for each in LEVELS if index is not None and each in made.said[index]), "")
    same = [each for each in LEVELS if old and each[0] == old[0] and each != old]
    return index is not None and bool(old) and _conclude(made, index, old, random.choice(same))


@plants("another part of the body", "body-part-differs")
def _part(random: Random, made: Letter) -> bool:
    index = _pick(random, made, "therapy", "imaging", "surgery")
    part = made.person.get("part", "")
    far = {"shoulder": "knee", "knee": "shoulder", "ankle": "wrist", "elbow": "ankle", "wrist": "hip"}
    return index is not None and _conclude(made, index, part, far[part])


@plants("another drug", "drug-differs")
def _drug(random: Random, made: Letter) -> bool:
    index = _pick(random, made, "drug")
    if index is None:
        return False
    name = next(each for each, _, _ in DRUGS if made.data["items"][index]["request"].startswith(each))
    other = random.choice(["Lisinopril", "Sertraline", "Zolpidem", "Ondansetron"])
    return _conclude(made, index, name, other)


@plants("a sum that is wrong", "modified-arithmetic")
def _sum(random: Random, made: Letter) -> bool:
    index = _pick(random, made, "modified")
    if index is None:
        return False
    request = made.data["items"][index]["request"]
    name = request["original"].partition(" #")[0]
    request["authorized"] = f"{name} #{random.choice([25, 35, 50, 55])}"
    return True


@plants("an item twice", "item-duplicate")
def _twice(random: Random, made: Letter) -> bool:
    made.data["items"].append(copy.deepcopy(random.choice(made.data["items"])))
    return True


@plants("a service overturned without its surgery", "dependent-overturned")
def _service(random: Random, made: Letter) -> bool:
    del random
    for index in made.items("surgery"):
        if made.data["items"][index]["outcome"] == "upheld":
            service = made.data["items"][index + 1]
            service["outcome"] = "overturned"
            service["rationale"] = "It was requested for recovery at home, and it is medically necessary for that time."
            return True
    return False


@plants("another age", "age-differs")
def _age(random: Random, made: Letter) -> bool:
    if not made.person:
        return False
    other = int(made.person["age"]) + random.choice([-20, -10, 3, 10])
    item = random.choice(made.data["items"])
    item["rationale"] = f"The patient is a {other}-year-old {made.person['noun']} with pain. {item['rationale']}"
    return True


@plants("the other sex", "sex-differs")
def _sex(random: Random, made: Letter) -> bool:
    if not made.person:
        return False
    other = {"male": "female", "female": "male", "man": "woman", "woman": "man"}[made.person["noun"]]
    item = random.choice(made.data["items"])
    item["rationale"] = f"The patient is a {made.person['age']}-year-old {other} with pain. {item['rationale']}"
    return True


@plants("the other pronoun", "pronoun-differs")
def _pronoun(random: Random, made: Letter) -> bool:
    if not made.person:
        return False
    item = random.choice(made.data["items"])
    other = "She" if made.person["pronoun"] == "he" else "He"
    item["rationale"] = f"{other} has had no such treatment in the last year. {item['rationale']}"
    return True


@plants("a chapter not yet in force", "mtus-not-yet")
def _edition(random: Random, made: Letter) -> bool:
    chapter, year = random.choice([("Low Back Disorders", "2016"), ("Opioids", "2017"), ("Knee Disorders", "2015")])
    item = random.choice(made.data["items"])
    item["reviewer_guideline"] = {
        "basis": "mtus",
        "mtus": [{"chapter": chapter, "year": year, "sections": ["Summary"]}],
    }
    return True


@plants("an edition that does not exist", "mtus-edition")
def _no_edition(random: Random, made: Letter) -> bool:
    if not made.person:
        return False
    chapter = PARTS[made.person["part"]][1]
    item = random.choice(made.data["items"])
    item["reviewer_guideline"] = {
        "basis": "mtus",
        "mtus": [{"chapter": chapter, "year": "2006", "sections": ["Summary"]}],
    }
    return True


@plants("pages backwards", "pages-order")
def _pages(random: Random, made: Letter) -> bool:
    pages = random.choice([["80-78"], ["16-18", "66-63"], ["44-44"]])
    item = random.choice(made.data["items"])
    citation = {"chapter": "Chronic Pain Treatment Guidelines", "sections": ["Opioids"], "pages": pages}
    item["reviewer_guideline"] = {"basis": "mtus", "mtus": [citation]}
    return True


@plants("no evidence", "evidence-missing")
def _evidence(random: Random, made: Letter) -> bool:
    index = _pick(random, made, "drug", "therapy", "imaging", "injection")
    if index is None:
        return False
    made.data["items"][index]["reviewer_guideline"] = {"basis": "none_cited"}
    return True


@plants("a service after its denial", "service-date")
def _served(random: Random, made: Letter) -> bool:
    index = _pick(random, made, "retrospective")
    if index is None:
        return False
    late = _day(made, "ur_denied_on") + timedelta(days=random.randint(1, 12))
    made.data["items"][index]["request"] = f"Retrospective urine drug test (DOS {late:%m/%d/%y})"
    return True


@plants("a gap", "placeholder")
def _gap(random: Random, made: Letter) -> bool:
    return _swap(
        made, "out of 10", random.choice(["out of [insert score]", "out of XXX", "out of ____", "TBD out of 10"])
    )


@plants("an empty phrase", "rationale-empty")
def _phrase(random: Random, made: Letter) -> bool:
    random.choice(made.data["items"])["rationale"] = random.choice(
        ["See above.", "Not medically necessary.", "N/A", "As above"]
    )
    return True


@plants("a misspelt state", "state-known")
def _state(random: Random, made: Letter) -> bool:
    made.data["reviewer"]["licensed_in"] = [random.choice(["Califorina", "CA", "New Yrok"])]
    return True


def _tell(code: str, *words: str) -> None:
    """Enter the fault of prose that identifies a person."""

    def plant(random: Random, made: Letter) -> bool:
        text = made.data["clinical_summary"]
        made.data["clinical_summary"] = f"{text} {random.choice(words)}"
        return True

    PLANTS[f"told: {code}"] = (code, plant)


_tell("privacy-ssn", "The number 123-45-6789 was on file.", "SSN 987 65 4321.")
_tell("privacy-phone", "The office is at (555) 010-0199.", "Call 555-010-0123 for records.", "Call 555.010.0123.")
_tell("privacy-email", "Records came from desk@example.org.", "Write to a.b+c@mail.example.com.")
_tell(
    "privacy-number", "Claim number: 2016-884213 was accepted.", "The case is ADJ10234567.", "MRN #00451223 was given."
)
_tell("privacy-name", "Ms. Alvarez walks with a cane.", "Mr. O'Dell was seen again.", "Mrs. Nguyen had rested.")
_tell(
    "privacy-address",
    "The home is at 4521 West Orchard Street.",
    "Mail goes to P.O. Box 1123.",
    "It is in Fresno, CA 93701.",
)
_tell("privacy-birth", "DOB: 04/11/1960 as recorded.", "The date of birth is March 3, 1961.")
_tell("privacy-provider", "Dr. Okafor agreed.", "Samira Okafor, D.C., treated the back.")


@dataclass
class Result:
    """What came of a run."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    false: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The share of faults found with the right code."""
        return sum(self.found.values()) / max(1, sum(self.planted.values()))


def codes(data: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return severity, code and message of what lint finds in the letter of a decision."""
    written = api.render(Decision.model_validate(data)).text
    return [
        (each.severity, each.code, each.message) for each in api.lint(written, name="letter.txt", is_decision=False)
    ]


def run(count: int) -> Result:
    """Plant `count` faults, one in each letter, the kinds in turn."""
    result = Result()
    kinds = list(PLANTS)
    for number, made in zip(range(count), _letters(), strict=False):
        result.false += [f"letter {number}: {found}" for found in codes(made.data) if found[0] != "advice"]
        kind = kinds[number % len(kinds)]
        code, plant = PLANTS[kind]
        random = Random(number)  # noqa: S311 - a seed that repeats
        faulty = copy.deepcopy(made)
        while not plant(random, faulty):  # this letter has no place for the fault: take another
            faulty = letter(random)
        result.planted[kind] += 1
        found = codes(faulty.data)
        if code in {each for _, each, _ in found}:
            result.found[kind] += 1
        else:
            result.missed.append(f"{kind} in {json.dumps(faulty.data)}")
    return result


def _letters() -> Iterator[Letter]:
    """Yield sound letters: a sample after every seven that are made up."""
    shipped = [made for made in map(_sample, samples.decisions()) if "case" in made.data]
    number = 0
    while True:
        number += 1
        if number % 8 == 0:
            yield copy.deepcopy(shipped[number // 8 % len(shipped)])
        else:
            yield letter(Random(f"letter {number}"))  # noqa: S311 - a seed that repeats


def _sample(path: Path) -> Letter:
    """Return a sample; only faults that need no more than its data can be planted in it."""
    data = SHIPPED.library.resolve(load(path)).data()
    for item in data["items"]:
        item["rationale"] = "\n\n".join(block["text"] for block in item["rationale"])
    count = len(data["items"])
    return Letter(data, kinds=["sample"] * count, said=[""] * count)


def main() -> None:
    """Print how many faults of each kind were found."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    result = run(count)
    for kind, planted in result.planted.items():
        print(f"{PLANTS[kind][0]:22} {kind:42} {result.found[kind]:4} of {planted}")  # noqa: T201
    shipped = sum(1 for path in samples.decisions() for each in codes(load(path).data()) if each[0] != "advice")
    print(f"{sum(result.found.values())} of {count} found ({result.share:.1%})")  # noqa: T201
    print(f"{len(result.false)} false in {count} sound letters, {shipped} in the samples")  # noqa: T201
    for line in [*result.false[:10], *result.missed[:5]]:
        print(line)  # noqa: T201


if __name__ == "__main__":
    main()
