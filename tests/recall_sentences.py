"""Invented sentences and names for the recall campaign: one set to tune the search with, one that is held out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Sentences:
    """Names, and sentences with a place for an identifier. In shapes, # is a digit and @ a capital letter."""

    seed: int
    given: Sequence[str]
    family: Sequence[str]
    companies: Sequence[tuple[str, str]]
    streets: Sequence[str]
    cities: Sequence[str]
    claims: Sequence[str]
    own: Mapping[str, Sequence[str]]
    usual: Mapping[str, Sequence[tuple[str, Sequence[str]]]]
    others: Mapping[str, Sequence[str]]
    harmless: Sequence[str]


TUNING = Sentences(
    seed=1,
    given=["Anna", "Tomas", "Elena", "Marco", "Quilla", "Dariel", "Rosa", "Benat", "Ines", "Patrick", "Lorna", "Minh"],
    family=[
        "Brindlewick",
        "O'Connellan",
        "Vexmar",
        "Qvortrup",
        "Muñozar",
        "Abayan",
        "Tullock",
        "Losinskar",
        "Hartveld",
        "Pellarin",
        "Okonjima",
        "Zamorez",
    ],
    companies=[
        ("Acmex Packing LLC", "Acmex Packing"),
        ("Vexler & Sons Roofing, Inc.", "Vexler & Sons Roofing"),
        ("Brightmoor Foods Corporation", "Brightmoor Foods"),
    ],
    streets=["Vexling Street", "Old Mill Road", "Camino Verdano", "North Tarrow Avenue"],
    cities=["Quillville", "Port Essen", "San Vexor"],
    claims=["WC-####-#####", "EXQ-##-######", "########-###"],
    own={
        "name": [
            "On examination {} was in no acute distress.",
            "The record states that {} fell from a ladder.",
            "An MRI was ordered for {} in the fall.",
            "Pain of {} was rated 7/10.",
        ],
        "possessive": ["The MRI shows {} disc at L4-L5."],
        "employer": ["The injury arose at {} while lifting a box."],
        "employer, short": ["The worker was employed by {} as a packer."],
        "claim number": ["The claim {} was accepted.", "See {} for the file."],
        "claim number, other signs": ["The file {} was closed."],
        "city": ["A clinic in {} saw the worker.", "Therapy took place in {}."],
        "street": ["Mail was returned from {} twice.", "The house at {} has stairs."],
        "ZIP code": ["Transportation from {} was asked for."],
    },
    usual={
        "date of birth": [
            ("D.O.B. {}.", ["{m}/{d}/{y}", "{mm}-{dd}-{yy}"]),
            ("The worker was born on {}.", ["{month} {d}, {y}"]),
            ("Date of birth: {}.", ["{mm}/{dd}/{y}", "{d} {mon} {y}"]),
        ],
        "telephone": [
            ("Telephone {}.", ["55# ### ####", "(55#) ###-####", "55########"]),
            ("Call {} to schedule.", ["55#-###-####"]),
        ],
        "SSN": [("SSN {}.", ["###-##-####", "### ## ####"]), ("Social Security number {}.", ["#########"])],
        "record": [("MRN {}.", ["00######"]), ("Medical record #{} was read.", ["#######"])],
        "account": [("Acct {} was billed.", ["######"])],
        "license": [("Driver license {}.", ["D#######"])],
        "Medicare": [("Medicare ID {}.", ["1EG4-TE5-MK73"])],
        "plate": [("The car had license plate {}.", ["#@@@###"])],
        "device": [("The stimulator has serial number {}.", ["SN-######-B"])],
        "e-mail": [("Write to {}.", ["{name}(at)example.org"])],
        "web": [("See {}.", ["www.{name}-family.com"])],
        "address": [("She lives at {}.", ["#### {street}"]), ("Mail goes to {}.", ["## {street}, {city}, CA 9####"])],
    },
    others={
        "relation": [
            "Her husband {first} drives.",
            "His wife, {first} {family}, helps at home.",
            "The patient's son {first} came along.",
        ],
        "title": ["Dr. {family} wrote a report.", "Ms. {family} attended.", "Mr. {first} {family} was present."],
        "calling": ["The adjuster {first} {family} was called.", "The interpreter was {first} {family}."],
        "degree": ["A note by {first} {family}, M.D., was read.", "{first} {family}, PT, treated the worker."],
    },
    harmless=[
        "The worker is a 44 year old with low back pain.",
        "Straight leg raise was positive at 45 degrees on the right.",
        "Norco 10/325 mg, 120 tablets, was prescribed.",
        "An MRI of 10/12/2016 showed a 4 mm protrusion at L5-S1.",
        "The MTUS supports six visits over 3 weeks.",
        "Hawkins and Neer signs were negative (Chou, 2007).",
    ],
)

HELD_OUT = Sentences(
    seed=20161128,
    given=[
        "Graciela",
        "Wendell",
        "Oksana",
        "Thuy",
        "Bartholomew",
        "Yusuf",
        "Maribel",
        "Clint",
        "Siobhan",
        "Hrant",
        "Delphine",
        "Rey",
        "Ilse",
        "Kaito",
        "Marguerite",
        "Lazaro",
    ],
    family=[
        "Ferncastle",
        "Dos Reyesil",
        "McAldren",
        "Ngoyen",
        "Szymaniak",
        "D'Ambrosier",
        "Ketterling",
        "Ibarrola",
        "Petrosyanak",
        "Hollowick",
        "Grantly",
        "Villasenyor",
        "Öberling",
        "Achterveld",
        "St. Clarence",
        "Tanakura",
    ],
    companies=[
        ("Pinnacle Ridge Growers, Inc.", "Pinnacle Ridge"),
        ("Tamarindo Logistics Group LLC", "Tamarindo Logistics"),
        ("Harlowe Unified School District", "Harlowe Unified"),
        ("Delmontane Hotel & Spa", "Delmontane Hotel"),
        ("The Kestrel Glass Company", "Kestrel Glass"),
    ],
    streets=[
        "Juniper Hollow Lane",
        "West Larkmead Drive",
        "Avenida del Solano",
        "Birchfield Court",
        "Quarry Rd",
        "E. 14th Street",
    ],
    cities=["Santa Velina", "Marlow Springs", "Tehachita", "Oakmere"],
    claims=["###-####-######", "ZN#######-##", "@@@######", "20##-######-#"],
    own={
        "name": [
            "{} reports that sitting for more than ten minutes is not tolerated.",
            "Physical findings were discussed with {} at length.",
            "According to {}, the pain began when a pallet slipped.",
            "It is noted that {} has not returned to work since then.",
            "Treatment to date for {} has included ice and rest.",
        ],
        "possessive": [
            "Per {} account, the knee gives way on stairs.",
            "The note of 11/02/2016 documents {} gait as antalgic.",
        ],
        "employer": ["While working for {} in 2014, a cart rolled over the foot."],
        "employer, short": [
            "Modified duty was not offered by {} at that time.",
            "Job duties at {} call for lifting 50 pounds.",
        ],
        "claim number": ["Regarding {}: liability is accepted for the lumbar spine.", "Payment under {} has stopped."],
        "claim number, other signs": ["The adjuster refers to {} in the letter."],
        "city": ["The worker relocated to {} after the accident.", "Urgent care in {} took the first x-rays."],
        "street": ["There are twelve steps at the residence ({}).", "The home visit to {} found no grab bars."],
        "ZIP code": ["No pool is available within ten miles of {}."],
    },
    usual={
        "date of birth": [
            ("The applicant (DOB {}) presents with a limp.", ["{mm}/{dd}/{y}", "{m}-{d}-{y}", "{mon} {d}, {y}"]),
            ("Patient was born {} and is right-handed.", ["{month} {d}, {y}", "{d} {month} {y}", "in {y}"]),
            ("{} is the date of birth on the intake form.", ["{month} {d}, {y}", "{m}/{d}/{y}"]),
            ("Birthdate listed as {}.", ["{y}-{mm}-{dd}", "{m}.{d}.{y}"]),
        ],
        "telephone": [
            ("The spouse may be reached at {}.", ["(###) 555-01##", "###.555.01##", "###-555-01##"]),
            ("A message was left on his cell, {}, without a reply.", ["###-555-01##", "### 555 01##"]),
            ("Fax to {} attention records.", ["###/555-01##", "1-###-555-01##"]),
        ],
        "SSN": [
            ("The form shows social security no. {}.", ["9##-##-####", "9## ## ####"]),
            ("SSN: {} appears on the face sheet.", ["9##-##-####", "xxx-xx-####"]),
            ("His social ends in {}.", ["####"]),
        ],
        "record": [
            ("Chart number {} was obtained.", ["######", "@-#####"]),
            ("Medical Record No: {}", ["##-##-##", "@@######"]),
            ("Records (MR# {}) came from the hospital.", ["#######"]),
            ("Accession number {} is the lumbar study.", ["CT######-#", "########"]),
        ],
        "account": [
            ("The balance on account number {} remains unpaid.", ["####-####", "##########"]),
            ("Patient Acct #: {}.", ["@######"]),
        ],
        "license": [
            ("Identity was confirmed by California driver's license {}.", ["@#######"]),
            ("The evaluator holds license no. {}.", ["G#####", "PSY#####"]),
        ],
        "Medicare": [
            ("Medicare beneficiary number {} is on file.", ["#@@#@@#@@##", "#@@#-@@#-@@##"]),
            ("Medi-Cal ID {} was also listed.", ["########@"]),
        ],
        "plate": [
            ("The truck, plate {}, was struck from behind.", ["#@@@###", "#@#####"]),
            ("A vehicle with plate number {} left the scene.", ["#@@@###"]),
        ],
        "device": [
            ("The implanted pump (serial {}) was interrogated.", ["@@@######@", "##-######"]),
            ("Lead model and serial no. {} were recorded.", ["N######-##"]),
        ],
        "e-mail": [
            (
                "Questions may be sent to {} by the family.",
                ["{name}.rehab(at)mailbox.example", "{name}##(at)post.example.net"],
            )
        ],
        "web": [
            (
                "Photographs are at {} for review.",
                ["https://photos.{name}.example.com/back", "{name}-physio.com", "www.{name}clinic.net"],
            )
        ],
        "address": [
            (
                "The worker resides at {} with two children.",
                ["#### {street}", "### {street}, {city}", "### {street} Apt #"],
            ),
            (
                "Equipment was delivered to {} on time.",
                ["## {street}, {city}, CA 9####", "P.O. Box ####, {city}, California 9####"],
            ),
        ],
    },
    others={
        "relation": [
            "The worker's sister-in-law, {first}, provides rides.",
            "He is accompanied by his daughter {first} {family}.",
            "Her mother ({first}) cooks and cleans for her.",
            "A neighbor named {first} helps with groceries.",
            "She lives with her fiance, {first} {family}.",
            "Two coworkers, {first} and another man, saw the fall.",
        ],
        "title": [
            "In a letter of 09/14/2016, Dr. {first} {family} disagrees.",
            "Per Dr. {family}'s note, surgery is planned.",
            "It was Mrs. {family} who called the clinic.",
            "The QME, Doctor {family}, found no impairment.",
            "Mr. {family} at the front desk confirmed.",
        ],
        "calling": [
            "The chiropractor, {first} {family}, released the worker.",
            "Nurse case manager {first} {family} attended the visit.",
            "An attorney ({first} {family}) asked for the file.",
            "Acupuncturist {family} recommends eight more sessions.",
            "His physical therapist {first} noted good effort.",
        ],
        "degree": [
            "{first} {family}, DC, provided manipulation.",
            "Electrodiagnostic testing by {family}, MD was normal.",
            "The operative report is signed by {first} {family}, D.O.",
            "{first} {family} LCSW screened for depression.",
        ],
        "bare": [
            "{first} {family} was present and translated.",
            "I discussed the case with {first} {family} by phone.",
            "{first} called twice about the denial.",
        ],
    },
    harmless=[
        "This is a 52-year-old male with a date of injury of 03/14/2014.",
        "The Oswestry score fell from 58 to 42 after therapy.",
        "Current medications include gabapentin 600 mg, naproxen 550 mg and Prilosec 20 mg.",
        "Sensation was decreased in the right L5 dermatome.",
        "Official Disability Guidelines recommend up to 10 visits over 8 weeks.",
        "A urine drug screen of 08/03/2016 was consistent.",
        "Spurling, Tinel and Phalen tests were positive on the left.",
        "EMG/NCV of 06/21/2015 showed chronic C6 radiculopathy.",
        "Airaksinen (2006) and the American Pain Society agree.",
        "The request for CPT 64483 was denied on 12/01/2016.",
        "Grip strength by Jamar was 22/20/21 kg on the right.",
        "Diagnoses were M54.16 and S83.242A.",
        "MS Contin was tapered from 60 mg to 15 mg.",
        "The Aetna bulletin number 0016 covers back pain.",
        "Weaning of Norco should take 4 to 8 weeks.",
        "Blood pressure was 132/84, pulse 76 and BMI 31.4.",
    ],
)
