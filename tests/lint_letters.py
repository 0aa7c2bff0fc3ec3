"""Sound invented letters for the mutation test of lint: prose as reviewers write it, in many wordings, from a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

#: How a day may be written.
FORMATS: list[Callable[[date], str]] = [
    lambda day: f"{day:%m/%d/%Y}",
    lambda day: f"{day.month}/{day.day}/{day:%Y}",
    lambda day: f"{day:%m-%d-%Y}",
    lambda day: f"{day.month}-{day.day}-{day:%y}",
    lambda day: f"{day:%B} {day.day}, {day.year}",
    lambda day: f"{day:%b}. {day.day}, {day.year}" if day.month != 5 else f"May {day.day}, {day.year}",
]
INJURED = [
    "The injured worker is a {age} year old {noun} who sustained an industrial injury on {day}.",
    "The injured worker is a {age}-year-old {noun} with an industrial injury date of {day}.",
    "This is a {age} year old {noun} with a date of injury on {day}.",
    "The patient is a {age}-year-old {noun} who was injured at work on {day}.",
    "This case involves a now {age}-year-old {noun} with a history of an occupational claim from {day}.",
    "The applicant is a {age}-year-old {noun} who has filed a claim with a reported date of injury of {day}.",
    "The injured worker is a {age} year old {noun}, who reported a work-related injury on {day}.",
    "The patient is a {age}-year-old {noun} who suffered an industrial-work injury on {day}.",
]
DENIED = [
    "On {day}, Utilization Review non-certified the request.",
    "On {day} Utilization Review denied the requests.",
    "The original utilization review ({day}) denied the request.",
    "The Utilization Review dated {day} non-certified the request.",
    "In a utilization review report dated {day}, the claims administrator denied the treatment.",
    "The request was denied by utilization review on {day}.",
    "The UR dated {day} modified the request.",
    "The Utilization Review report, with a decision date of {day}, denied the request.",
]
UPHELD = [
    "The request for {what} is not medically necessary.",
    "Therefore, {what} is not medically necessary.",
    "Given the above, the request for {what} is not medically necessary.",
    "As such, the request for {what} is determined to not be medically necessary.",
    "Based on the above, the requested {what} is considered not medically necessary.",
    "The medical necessity of {what} has not been established.",
    "For these reasons {what} cannot be considered medically necessary.",
]
OVERTURNED = [
    "The request for {what} is medically necessary.",
    "Therefore, {what} is medically necessary.",
    "Given the above, the request for {what} is considered medically necessary.",
    "As such, {what} is medically necessary at this time.",
    "The medical necessity of {what} has been established.",
]
REASONS = [
    "The guideline asks for a trial of exercise before anything else is done, and the records tell of one.",
    "The MTUS supports the treatment as long as it improves function.",
    "Function is described in the notes of three visits, and it has changed little between them.",
    "The findings on examination agree with the complaint.",
    "No new trauma, fever or weight loss is described.",
    "The treating physician explains what the treatment is meant to achieve, and by when.",
    "It would be medically necessary only if a red flag were present.",
    "Whether it is medically necessary depends on what earlier treatment has achieved.",
    "The claims administrator stated that earlier measures had not been exhausted.",
    "An earlier course in the year of the injury helped for a few weeks.",
]
VISITS = [
    "At the visit of {day} {pronoun} reported pain of {score} out of 10.",
    "According to the progress report dated {day} {pronoun} had pain of {score} out of 10.",
    "On {day} {pronoun} complained of aching, rated {score} out of 10.",
    "The injured worker presented on {day} with pain rated {score} out of 10.",
]
PARTS = {
    "shoulder": ("impingement syndrome", "Shoulder Complaints", 2004, "Initial Care"),
    "knee": ("sprain with a tear of the meniscus", "Knee Complaints", 2004, "Special Studies"),
    "ankle": ("sprain", "Ankle and Foot Complaints", 2004, "Initial Care"),
    "elbow": ("lateral epicondylitis", "Elbow Complaints", 2007, "Recommendations"),
    "wrist": ("sprain", "Forearm, Wrist, and Hand Complaints", 2004, "Physical Methods"),
}
DRUGS = [
    ("Naproxen", "500mg", "NSAIDs (non-steroidal anti-inflammatory drugs)"),
    ("Norco", "10/325mg", "Opioids, criteria for use"),
    ("Omeprazole", "20 mg", "Proton Pump Inhibitors (PPIs)"),
    ("Cyclobenzaprine", "7.5mg", "Muscle relaxants (for pain)"),
    ("Gabapentin", "600 mg", "Gabapentin (Neurontin)"),
    ("Tramadol", "50mg", "Tramadol (Ultram)"),
]
LEVELS = ["L3-4", "L4-5", "L5-S1", "C4-5", "C5-C6", "C6-7"]


@dataclass
class Letter:
    """A decision as data, and the facts it was made from: by item its kind, subject and conclusion."""

    data: dict[str, Any]
    days: dict[str, str] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    person: dict[str, str] = field(default_factory=dict)

    def items(self, *kinds: str) -> list[int]:
        """Return the indices of the items of these kinds."""
        return [index for index, kind in enumerate(self.kinds) if kind in kinds]


def letter(random: Random) -> Letter:
    """Return a sound letter of 2016-17, with header."""
    decided = date(2016, 10, 1) + timedelta(days=random.randrange(300))
    assigned = decided - timedelta(days=random.randint(18, 40))
    received = assigned - timedelta(days=random.randint(1, 12))
    denied = received - timedelta(days=random.randint(1, 30))
    injured = denied - timedelta(days=random.randint(60, 4000))
    visit = denied - timedelta(days=random.randint(5, 40))
    noun, pronoun = random.choice([("male", "he"), ("female", "she"), ("man", "he"), ("woman", "she")])
    age = random.randint(40, 66)
    part, side = random.choice(list(PARTS)), random.choice(["left", "right"])
    made = Letter({"case": {
        "number": f"CM{received:%y}-{random.randrange(10**7):07d}", "priority": "standard",
        "assigned_on": f"{assigned}", "injured_on": f"{injured}", "decided_on": f"{decided}",
        "ur_denied_on": f"{denied}", "application_received_on": f"{received}",
    }})  # fmt: skip
    made.data["reviewer"] = {
        "licensed_in": random.choice([["California"], ["California", "Texas"], ["New York"]]),
        "certifications": random.choice([["Pain Management"], ["Occupational Medicine"], ["Orthopedic Surgery"]]),
    }
    write = random.choice(FORMATS)
    made.days = {"injured": write(injured), "denied": write(denied), "visit": write(visit)}
    made.person = {"age": str(age), "noun": noun, "pronoun": pronoun, "side": side, "part": part}
    made.data["clinical_summary"] = _summary(random, made, PARTS[part][0])
    made.data["items"] = []
    makers = random.sample(list(MAKERS), random.randint(2, 5))
    for kind in makers:
        for name, item, said in MAKERS[kind](random, made, injured, denied):
            made.data["items"].append(item)
            made.kinds.append(name)
            made.said.append(said)
    return made


def _summary(random: Random, made: Letter, diagnosis: str) -> str:
    person, days = made.person, made.days
    first = random.choice(INJURED).format(age=person["age"], noun=person["noun"], day=days["injured"])
    visit = random.choice(VISITS).format(day=days["visit"], pronoun=person["pronoun"], score=random.randint(3, 9))
    own = "his" if person["pronoun"] == "he" else "her"
    middle = [
        f"The accepted diagnosis is {person['side']} {person['part']} {diagnosis}.",
        "Treatment to date has consisted of rest, ice, ibuprofen and modified work.",
        f"{person['pronoun'].capitalize()} had returned to {own} work with a limit of ten pounds.",
        f"The {person['side']} {person['part']} was tender, and its motion was limited by pain.",
        "Strength was 5 out of 5, and blood pressure was 128/78.",
    ]
    random.shuffle(middle)
    last = random.choice(DENIED).format(day=days["denied"])
    gap = random.choice(["\n\n", " "])
    return f"{first} {' '.join(middle[:3])}{gap}{visit} {' '.join(middle[3:])} {last}"


def _item(
    random: Random, request: Any, what: str, guideline: dict[str, Any], outcome: str = ""
) -> tuple[dict[str, Any], str]:
    outcome = outcome or random.choice(["upheld", "overturned"])
    said = random.choice(UPHELD if outcome == "upheld" else OVERTURNED).format(what=what)
    reasons = random.sample(REASONS, random.randint(2, 4))
    rationale = random.choice([" ", "\n\n"]).join([" ".join(reasons), said])
    claims = random.choice([{"basis": "none_cited"}, guideline])
    item = {"request": request, "outcome": outcome, "claims_administrator_guideline": claims,
            "reviewer_guideline": guideline, "rationale": rationale}  # fmt: skip
    return item, said


def _mtus(chapter: str, year: int, section: str) -> dict[str, Any]:
    return {"basis": "mtus", "mtus": [{"chapter": chapter, "year": str(year), "sections": [section]}]}


_Made = list[tuple[str, dict[str, Any], str]]


def _drug(random: Random, made: Letter, injured: date, denied: date) -> _Made:
    del made, injured, denied
    name, strength, section = random.choice(DRUGS)
    request = f"{name} {strength} #{random.choice([30, 60, 90, 120])}" + random.choice(["", " with 2 refills"])
    return [("drug", *_item(random, request, request, _mtus("Chronic Pain Medical Treatment", 2016, section)))]


def _therapy(random: Random, made: Letter, injured: date, denied: date) -> _Made:
    del injured, denied
    side, part = made.person["side"], made.person["part"]
    times, weeks = random.choice([2, 3]), random.choice([4, 6])
    request, what = random.choice([
        (f"Physical therapy for the {side} {part}, {times} times a week for {weeks} weeks",
         f"physical therapy for the {side} {part}, {times * weeks} visits,"),
        (f"Acupuncture for the {side} {part} ({times * weeks} sessions)",
         f"acupuncture for the {side} {part}, {times * weeks} sessions,"),
        (f"{times * weeks} chiropractic visits for the {side} {part}",
         f"{times * weeks} chiropractic visits for the {side} {part}"),
    ])  # fmt: skip
    chapter, year, section = PARTS[part][1:]
    return [("therapy", *_item(random, request, what, _mtus(chapter, year, section)))]


def _imaging(random: Random, made: Letter, injured: date, denied: date) -> _Made:
    del injured, denied
    side, part = made.person["side"], made.person["part"]
    request = random.choice([f"MRI of the {side} {part} without contrast", f"X-rays of the {side} {part}, three views"])
    chapter, year, section = PARTS[part][1:]
    return [("imaging", *_item(random, request, f"{request[:1]}{request[1:]}", _mtus(chapter, year, section)))]


def _injection(random: Random, made: Letter, injured: date, denied: date) -> _Made:
    del made, injured, denied
    level = random.choice(LEVELS)
    spine = "Lumbar" if level.startswith("L") else "Cervical"
    chapter = "Low Back Complaints" if spine == "Lumbar" else "Neck and Upper Back Complaints"
    request = f"{spine} epidural steroid injection at {level}"
    guideline = _mtus(chapter, 2004, "Summary") | {"non_mtus": "Official Disability Guidelines (ODG), Low Back Chapter"}
    return [("injection", *_item(random, request, request, guideline))]


def _surgery(random: Random, made: Letter, injured: date, denied: date) -> _Made:
    del injured, denied
    side, part = made.person["side"], made.person["part"]
    chapter, year, section = PARTS[part][1:]
    outcome = random.choice(["upheld", "overturned"])
    request = f"{side.capitalize()} {part} arthroscopy"
    service = random.choice(["Associated surgical service: Cold therapy unit, 7 day rental",
                             "Post-operative physical therapy, 12 visits",
                             "Associated surgical service: Medical clearance"])  # fmt: skip
    what = service.removeprefix("Associated surgical service: ")
    guideline = _mtus(chapter, year, section)
    return [("surgery", *_item(random, request, request, guideline, outcome)),
            ("service", *_item(random, service, what, guideline, outcome))]  # fmt: skip


def _modified(random: Random, made: Letter, injured: date, denied: date) -> _Made:
    del made, injured, denied
    whole = random.choice([60, 90, 120])
    rest = random.choice([20, 30])
    name = random.choice(["Baclofen 10mg", "Methocarbamol 750mg"])
    request = {"original": f"{name} #{whole}", "authorized": f"{name} #{whole - rest}", "remaining": f"{name} #{rest}"}
    guideline = _mtus("Chronic Pain Medical Treatment", 2016, "Muscle relaxants (for pain)")
    return [("modified", *_item(random, request, f"{name} #{rest}", guideline))]


def _retrospective(random: Random, made: Letter, injured: date, denied: date) -> _Made:
    del made
    served = denied - timedelta(days=random.randint(10, 30))
    request = f"Retrospective urine drug test (DOS {max(served, injured):%m/%d/%y})"
    guideline = {
        "basis": "outside_mtus",
        "non_mtus": "Official Disability Guidelines (ODG), Pain Chapter, Urine drug testing",
    }
    return [("retrospective", *_item(random, request, "the urine drug test", guideline))]


#: By kind: what makes its item, or its items.
MAKERS: dict[str, Callable[[Random, Letter, date, date], _Made]] = {
    "drug": _drug,
    "therapy": _therapy,
    "imaging": _imaging,
    "injection": _injection,
    "surgery": _surgery,
    "modified": _modified,
    "retrospective": _retrospective,
}
