"""Plant invented identifiers in lifelike prose, make the public edition, and count what is found, by class.

    python -m tests.recall_campaign             # the held-out sentences and names, which the search was not tuned with
    python -m tests.recall_campaign --tuning    # those that it was tuned with
    python -m tests.recall_campaign --missed    # also prints what was missed; all of it is invented

Classes: own (what the decision's own fields name, in other ways of writing), usual (what has a usual form), others
(names of people whom no field names). An identifier counts as found where all of its telling words are replaced. What
only the proof finds is counted apart: it stops the edition, and a person decides. A false alarm is a replacement, or a
doubt of the proof, that touches no identifier.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from imr_letters.imr.model import Decision
from imr_letters.publish import Replacement, edition
from tests import mailing
from tests.recall_sentences import HELD_OUT, TUNING, Sentences

#: Identifiers of each class that a run plants.
COUNT = 600


@dataclass(frozen=True)
class Planted:
    """An identifier in prose: its class, its kind, the sentence, and the words that must not be left of it."""

    group: str
    kind: str
    sentence: str
    telling: tuple[str, ...]


@dataclass
class Result:
    """What became of the identifiers of a class."""

    planted: int = 0
    found: int = 0
    stopped: int = 0


def name(random: Random, of: Sentences) -> tuple[str, str]:
    """Return an invented first and family name."""
    return random.choice(of.given), random.choice(of.family)


def digits(random: Random, shape: str) -> str:
    """Return a shape with digits for # and capital letters for @."""
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    return "".join(
        random.choice("123456789") if char == "#" else random.choice(letters) if char == "@" else char for char in shape
    )


def misspelled(random: Random, word: str) -> str:
    """Return a word of one letter less."""
    place = random.randrange(1, len(word) - 1)
    return word[:place] + word[place + 1 :]


def case(random: Random, of: Sentences) -> tuple[dict[str, Any], list[Planted]]:
    """Return a decision's data without prose, and what names its people in other ways."""
    data = mailing.decision().data()
    first, family = name(random, of)
    second = random.choice(of.family)
    stored = random.choice(
        [
            f"{first} {family}",
            f"{family}, {first}",
            f"{first} {family}-{second}",
            f"{first} {family} Jr.",
            f"{first} M. {family}",
        ]
    )
    doctor_first, doctor = name(random, of)
    company, short = random.choice(of.companies)
    street, city, code = random.choice(of.streets), random.choice(of.cities), digits(random, "9####")
    claim = digits(random, random.choice(of.claims))
    number = random.randrange(11, 9900)
    data["parties"] = {
        "injured_worker": {"name": stored},
        "claim_number": claim,
        "claims_administrator": {"name": "Example Claims Administrator"},
        "employer": {"name": company},
        "requesting_provider": {"name": f"{doctor_first} {doctor}, M.D."},
    }
    data["recipients"] = [
        {"capacity": "injured_worker", "name": stored, "address": [f"{number} {street}", f"{city}, CA {code}"]},
        {"capacity": "claims_administrator", "name": "Example Claims Administrator"},
    ]
    del data["documents"]
    ways: list[tuple[str, str, tuple[str, ...]]] = [
        ("whole name", f"{first} {family}", (first, family)),
        ("last, first", f"{family}, {first}", (first, family)),
        ("first name", first, (first,)),
        ("family name", random.choice(["Mr. ", "Ms. ", ""]) + family, (family,)),
        ("capitals", family.upper(), (family.upper(),)),
        ("possessive", f"{family}'s", (family,)),
        ("initial", f"{first[0]}. {family}", (family,)),
        ("no accents or signs", _plain(family), (_plain(family),)),
        ("misspelled", misspelled(random, family), ()),
        ("provider", f"Dr. {doctor}", (doctor,)),
        ("employer", company, (short,)),
        ("employer, short", short, (short,)),
        ("claim number", claim, (claim,)),
        ("claim number, other signs", claim.replace("-", " "), (claim.replace("-", " "),)),
        ("city", city, (city,)),
        ("street", f"{number} {street}", (street,)),
        ("ZIP code", code, (code,)),
    ]
    planted = []
    for kind, said, telling in ways:
        frames = of.own.get(kind, of.own["name"])
        sentence = random.choice(frames).replace("{}", said)
        planted.append(Planted("own", kind, sentence, telling or (said,)))
    return data, planted


def _plain(word: str) -> str:
    return word.translate(str.maketrans("áéíóúñüößł", "aeiounuosl")).replace("'", "").replace("\u2019", "")


def usual(random: Random, of: Sentences) -> Planted:
    """Return an identifier of a usual form."""
    kind = random.choice(sorted(of.usual))
    frame, shapes = random.choice(of.usual[kind])
    said = digits(random, random.choice(shapes))
    if kind == "date of birth":
        day, month, year = random.randrange(1, 29), random.randrange(1, 13), random.randrange(1940, 1999)
        months = "January February March April May June July August September October November December".split()
        said = random.choice(shapes).format(
            m=month,
            d=day,
            y=year,
            mm=f"{month:02}",
            dd=f"{day:02}",
            yy=year % 100,
            month=months[month - 1],
            mon=months[month - 1][:3],
        )
    if kind == "telephone":  # no area begins with 0 or 1
        said = re.sub(r"(?<!\d)1(?=\d\d)", "2", said)
    if kind in ("e-mail", "web"):
        said = said.replace("(at)", "@").format(name=random.choice(of.family).lower().replace("'", "").replace(" ", ""))
    if kind == "address":
        said = said.format(street=random.choice(of.streets), city=random.choice(of.cities))
    return Planted("usual", kind, frame.replace("{}", said), (said,))


def other(random: Random, of: Sentences) -> Planted:
    """Return the name of somebody whom no field names."""
    kind = random.choice(sorted(of.others))
    first, family = name(random, of)
    frame = random.choice(of.others[kind])
    telling = tuple(word for key, word in (("{first}", first), ("{family}", family)) if key in frame)
    return Planted("others", kind, frame.replace("{first}", first).replace("{family}", family), telling)


def decisions(random: Random, of: Sentences) -> Iterator[tuple[dict[str, Any], list[Planted]]]:
    """Yield data of decisions, each with identifiers of all classes in sentences among harmless ones."""
    while True:
        data, planted = case(random, of)
        chosen = (
            random.sample(planted, 6) + [usual(random, of) for _ in range(6)] + [other(random, of) for _ in range(6)]
        )
        random.shuffle(chosen)
        said = []
        for each in chosen:
            said += [random.choice(of.harmless), each.sentence]
        data["clinical_summary"] = "\n\n".join(" ".join(said[at : at + 6]) for at in range(0, len(said), 6))
        data["items"] = data["items"][:1]
        yield data, chosen


def run(
    seed: int, of: Sentences, count: int, missed: Callable[[Planted], None]
) -> tuple[dict[str, Result], Counter[str]]:
    """Return by class what was found of so many identifiers of each, and the false alarms."""
    results = {group: Result() for group in ("own", "usual", "others")}
    alarms: Counter[str] = Counter()
    for data, planted in decisions(Random(seed), of):  # noqa: S311 - a seed that repeats
        made = edition(Decision.model_validate(data))
        text = made.texts["clinical_summary"]
        covered = [each for each in made.replacements if each.field == "clinical_summary"]
        at = 0
        for each in planted:
            result = results[each.group]
            at = text.index(each.sentence, at)
            if result.planted == count:
                continue
            result.planted += 1
            if all(_is_covered(each, word, at, covered) for word in each.telling):
                result.found += 1
            elif any(word in doubt.words or doubt.words in word for word in each.telling for doubt in made.doubts):
                result.stopped += 1
            else:
                missed(each)
        said: list[tuple[str, str, str]] = [(each.field, each.kind, each.words) for each in made.replacements]
        said += [(each.field, "proof", each.words) for each in made.doubts]
        for field, kind, words in said:
            if field == "clinical_summary" and not _touches(words, planted):
                alarms[kind] += 1
        if all(result.planted == count for result in results.values()):
            return results, alarms
    raise AssertionError("decisions never end")


def _is_covered(planted: Planted, word: str, at: int, covered: Sequence[Replacement]) -> bool:
    """Return whether a word of a planted identifier is replaced where its sentence has it."""
    start = at + planted.sentence.index(word)
    return any(each.start <= start and start + len(word) <= each.end for each in covered)


def _touches(words: str, planted: Sequence[Planted]) -> bool:
    said = [word for each in planted for telling in each.telling for word in telling.split()]
    return any(word.strip(",.") in words for word in said) or any(words in each.sentence for each in planted)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> None:
    """Print recall and false alarms by class."""
    of = TUNING if "--tuning" in sys.argv else HELD_OUT

    def missed(each: Planted) -> None:
        if "--missed" in sys.argv:
            _say(f"missed: {each.group}, {each.kind}: {each.sentence}")

    results, alarms = run(of.seed, of, COUNT, missed)
    _say(f"{'class':8} {'planted':>8} {'replaced':>9} {'stopped by the proof':>21} {'missed':>7}")
    for group, result in results.items():
        left = result.planted - result.found - result.stopped
        found, stopped, gone = (value / result.planted for value in (result.found, result.stopped, left))
        _say(f"{group:8} {result.planted:8} {found:9.1%} {stopped:21.1%} {gone:7.1%}")
    _say(f"false alarms: {sum(alarms.values())} {dict(alarms)}")


if __name__ == "__main__":
    main()
