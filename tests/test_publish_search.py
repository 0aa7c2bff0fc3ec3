"""The search finds identifiers in every way they are written; the proof catches what the search misses."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from imr_letters.engine.errors import RenderError
from imr_letters.english.names import skeleton, skeletons
from imr_letters.imr.model import Decision
from imr_letters.publish import edition, proof
from imr_letters.publish.search import Search
from tests import mailing


def decision(summary: str, **parties: Any) -> Decision:
    """Return a decision with this summary and these parties."""
    data = mailing.decision().data()
    data["parties"] |= parties
    data["clinical_summary"] = summary
    for recipient in data["recipients"]:
        if recipient["capacity"] in parties:
            recipient.update(parties[recipient["capacity"]])
    return Decision.model_validate(data)


def public(summary: str, **parties: Any) -> str:
    """Return a summary as it is published."""
    return edition(decision(summary, **parties)).decision.clinical_summary


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Patrick O'Connellan", "O’Connellan"),
        ("Patrick O'Connellan", "O Connellan"),
        ("Patrick O'Connellan", "OConnellan"),
        ("Patrick O’Connellan", "PATRICK O`CONNELLAN"),
        ("Patrick O'Connellan", "patrick o'connellan"),
        ("Patrick O'Connellan", "Mr. Connellan"),
        ("Patrick O'Connellan", "P. O'Connellan"),
        ("Patrick O'Connellan", "O'Connellan, P."),
        ("Patrick O'Connellan", "O'Connelan"),
        ("Brindlewick, Anna", "Anna Brindlewick"),
        ("Brindlewick, Anna", "Anna"),
        ("Brindlewick, Anna", "BRINDLEWICK, ANNA"),
        ("Brindlewick, Anna", "Brindle-wick"),
        ("Brindlewick, Anna", "Brindle- wick"),
        ("Brindlewick, Anna", "Brindlwick"),
        ("Brindlewick, Anna M.", "Anna M. Brindlewick"),
        ("Brindlewick Jr., Noel", "Noel Brindlewick, Jr."),
        ("Ana Qvortrup-Muñoz", "Munoz"),
        ("Ana Qvortrup-Muñoz", "Qvortrup Muñoz"),
        ("Ana Qvortrup-Muñoz", "Qvortrup–Muñoz"),
        ("Ana Qvortrup-Muñoz", "Qvortrup"),
        ("Ana Qvortrup-Muñoz", "Ms. Qvortrup-Munoz"),
        ("Luz de la Vexana", "De La Vexana"),
        ("Luz de la Vexana", "Delavexana"),
        ("Đorđe Łosiński", "Dorde Losinski"),
        ("Dorde Losinski", "Łosiński"),
        ("Jörg Weißkopf", "Joerg Weisskopf"),
        ("Soeren Vexmueller", "Sören Vexmüller"),
        ("Anna Vexocop", "Аnnа Vехосор"),  # Cyrillic letters that look like Latin ones
        ("Samuel Vexjup Jr., M.D.", "Dr. Vexjup"),
        ("Ma, Anh", "Ms. Ma"),
        ("Do, Vi", "Vi Do"),
        ("VEXJUP, ANNA", "Anna Vexjup"),
    ],
)
def test_a_name_is_found_in_every_way_of_writing(name: str, said: str) -> None:
    made = public(f"On examination {said} was in no distress.", injured_worker={"name": name})
    assert made == "On examination [withheld: name] was in no distress."


def test_of_a_suffix_and_a_degree_none_is_a_name() -> None:
    said = "The MD of the clinic was seen. Jr is no name, and a Do not resuscitate order was absent."
    assert public(said, requesting_provider={"name": "Samuel Vexjup Jr., MD, DO"}) == said


@pytest.mark.parametrize(
    ("employer", "said"),
    [
        ("Acmex Packing LLC", "Acmex Packing"),
        ("Acmex Packing LLC", "ACMEX PACKING"),
        ("Acmex Packing LLC", "Acmex"),
        ("Acmex Packing, Inc.", "Acmex Packing Incorporated"),
        ("The Acmex Packing Company", "Acmex Packing Co."),
        ("Vexler & Sons Roofing Corp.", "Vexler and Sons Roofing"),
        ("Vexler & Sons Roofing Corp.", "Vexler"),
        ("Law Office of Dana Quillbrook", "Quillbrook"),
    ],
)
def test_an_organization_is_found_by_its_short_name(employer: str, said: str) -> None:
    made = public(f"The worker was hurt at {said} while packing.", employer={"name": employer})
    assert made.replace("name]. while", "name] while") == "The worker was hurt at [withheld: name] while packing."


@pytest.mark.parametrize("said", ["EXQ-77/12345", "EXQ7712345", "exq 77 12345", "77-12345", "7712345", "WC-7712345"])
def test_a_claim_number_is_found_with_and_without_its_letters(said: str) -> None:
    made = public(f"See {said} for the file.", claim_number="EXQ-77/12345")
    assert "12345" not in made
    assert "withheld" in made


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("She came from 100 Vexling Street.", "She came from [withheld: address]."),
        ("A walk along Vexling St. hurts.", "A walk along [withheld: address]. hurts."),
        ("A doctor in Quillville agrees.", "A doctor in [withheld: address] agrees."),
        ("The area 95814 is hers.", "The area [withheld: address] is hers."),
    ],
)
def test_addresses_are_found_in_parts(said: str, expected: str) -> None:
    data = decision(said).data()
    data["recipients"][0]["address"] = ["100 Vexling Street", "Quillville, CA 95814"]
    made = edition(Decision.model_validate(data)).decision.clinical_summary
    assert made == expected


@pytest.mark.parametrize(
    "said",
    [
        "D.O.B. 3/5/1971", "DOB: 03-05-71", "born on March 5, 1971", "born in 1971",
        "date of birth is the 5th of March 1971", "birthday: 5-Mar-1971", "1971-03-05 (date of birth)",
        "Birth date 3.5.1971",
        "Telephone 555 201 7788", "phone 5552017788", "(555) 201-7788", "+1 555.201.7788", "Tel. 555–201–7788 ext. 12",
        "call 201-7788", "SSN 900 55 0188", "Social Security number 900550188", "SSN ending in 0188", "XXX-XX-0188",
        "MRN 00123456", "MRN: A-123456", "Acct 778812", "account no. 778-812-9", "Medical record #00123456",
        "Driver license D1234567", "driver's licence number D1234567", "CDL D1234567", "Medicare ID 1EG4-TE5-MK73",
        "plate 7VXQ123", "license plate number 7VXQ123", "VIN 1HGBH41JXMN109186", "device serial number SN-448213-B",
        "policy number VX 4482 113", "NPI 1234567893", "ADJ1234567", "member ID VXQ448211",
        "vex.jup@example.org", "vex.jup at example dot org", "www.vexjup-family.com", "https://vexjup.example.com/about",
        "lives at 1234 El Camino Real", "resides at 12 Vexling Court, Apt. 4", "P.O. Box 448", "Quillville, CA 95814",
        "lives in Quillville",
    ],
)  # fmt: skip
def test_identifiers_of_usual_forms_are_found(said: str) -> None:
    made = public(f"The record says: {said} and so on.")
    assert "withheld" in made
    number = "".join(char for char in made if char.isdigit())
    assert number == ""


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Her husband Tomas drives her.", "Tomas"),
        ("His wife, Elena Vexmar, agrees.", "Elena Vexmar"),
        ("The worker's daughter Quilla came.", "Quilla"),
        ("Dr. Vexalvarez wrote so.", "Vexalvarez"),
        ("Drs. Vexalvarez and Brandtvex agree.", "Brandtvex"),
        ("Ms. Brown came.", "Brown"),
        ("The adjuster Dana Quillbrook wrote.", "Quillbrook"),
        ("A report by Jane Vexroe, M.D., was read.", "Vexroe"),
        ("Elena Vexmar, his sister, came.", "Vexmar"),
        ("Rosa Vexmar interpreted.", "Vexmar"),
        ("Mr. de la Vexana came.", "Vexana"),
        ("Her supervisor, Mark T. Vexley, agrees.", "Vexley"),
    ],
)
def test_other_people_are_found(said: str, name: str) -> None:
    assert name not in public(said)


@pytest.mark.parametrize(
    "said",
    [
        "Studies agree (He, 2004) and (Chou, 2007).",
        "Waddell and Hawkins signs were negative; Dr. Phalen's test was positive.",
        "MS Contin 15 mg and Norco 10/325 mg, 120 tablets, were prescribed on 01/04/2017.",
        "The MR arthrogram of 2016 shows L4-L5. Pain is 7/10, down from 10/10; QTY: 120.",
        "See https://www.ncbi.nlm.nih.gov/pubmed/12345678 and www.odg-twc.com.",
        "CPT 97110 and ICD M54.16 were billed. Oswestry was 42%, 1,200 mg daily.",
        "The physician Progress Report was reviewed by the Treating Physician.",
        "Medicare guidelines of 2014 and Aetna Clinical Policy Bulletin 0237 differ.",
        "The case was CM16-0213037. Visits of 10/12/2016-11/28/2016 were read.",
        "The injury of 08/15/2016 was reported at birth of the claim.",
        "A clinic of San Vexor College has Smiths Medical pumps.",
    ],
)
def test_what_identifies_nobody_is_left(said: str) -> None:
    made = edition(decision(said))
    assert (made.decision.clinical_summary, made.doubts) == (said, ())


CLASSES = {
    "own name": "Here Vexjup came.",
    "own name in other letters": "Here Vехjuр came.",
    "own name misspelled": "Here Brindlewik came.",
    "own name, broken": "Here Brindle- wick came.",
    "first name": "Here Ana came.",
    "claim": "The claim is EXQ 77 12345.",
    "digits of the claim": "The claim is 7712345.",
    "employer": "Hurt at Acmex.",
    "street": "She came from 100 Example Street.",
    "ZIP code": "It is in 95814.",
    "telephone": "Call 916 555 0188.",
    "SSN": "It is 900 55 0188.",
    "e-mail": "Write to vex.jup@example.org.",
    "web": "See www.vexjup-family.com.",
    "birth": "Born on 02/03/1971.",
    "record": "The number is 448812345.",
    "other people": "Dr. Qvortalvarez wrote.",
    "relation": "Her husband Tomas came.",
    "postal": "It is 12 Vexling Street.",
}


@pytest.mark.parametrize("said", CLASSES.values(), ids=CLASSES)
def test_the_proof_catches_what_the_search_misses(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Search, "find", lambda *_, **__: [])
    parties: dict[str, Any] = {
        "injured_worker": {"name": "Ana Vexjup Brindlewick"},
        "claim_number": "EXQ-77/12345",
        "employer": {"name": "Acmex Packing LLC"},
    }
    made = edition(decision(said, **parties))
    assert made.replacements == ()
    assert made.doubts
    with pytest.raises(RenderError, match="still holds what is withheld"):
        made.to("text")


def test_the_proof_shares_no_code_with_the_search() -> None:
    text = Path(proof.__file__).read_text(encoding="utf-8")
    assert not [name for name in ("keys", "known", "forms", "people", "search", "english") if f".{name} import" in text]


def test_words_that_the_person_adds_are_withheld_and_proved() -> None:
    made = edition(decision("They call her Quilly, and Quilly agrees."), withhold=["Quilly"])
    assert made.decision.clinical_summary == "They call her [withheld: name], and [withheld: name] agrees."


def test_skeletons() -> None:
    assert skeleton("O’Connellan") == skeleton("OʼConnellan") == skeleton("O Connellan") == "oconnellan"
    assert skeleton("ĐORĐE ŁOŚ Ærø Weiß") == "dordelosaeroweiss"
    assert skeleton("Ηаnnа") == "hanna"  # a Greek Eta and Cyrillic letters
    assert skeletons("Müller") == {"muller", "mueller"}


@pytest.mark.parametrize(
    "prose",
    [
        "Dr. Vexalvarez saw Anna Brindlewick on 3/5/2016 at 100 Vexling Street, and pain was 7/10 then. ",
        "Anna-", "born ", "A", "A. ", "1/", "California ", "the wife ", "MRN: ", "a.",
    ],
    ids=str.strip,
)  # fmt: skip
def test_time_grows_as_the_prose_does(prose: str) -> None:
    search = Search(decision("So.", injured_worker={"name": "Brindlewick, Anna"}))
    needles = proof.needles({"parties": {"injured_worker": {"name": "Brindlewick, Anna"}}})
    times = []
    for size in (3_000, 24_000):
        text = prose * (size // len(prose))
        start = time.process_time()
        search.find(text, prose=True)
        list(proof.own(text, needles))
        list(proof.shapes(text))
        times.append(time.process_time() - start)
    assert times[1] < 24 * times[0] + 0.05
