"""The ruling, its codecs, and the form that hands both to the engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field

from imr_letters.engine.codecs import Codec, Codecs
from imr_letters.engine.codecs.simple import AsWritten, Choice, Prose, UsDate, Words
from imr_letters.engine.families import Family
from imr_letters.engine.form import Form
from imr_letters.engine.values import Day, Derived, Kind, Part, Value
from imr_letters.engine.values import Prose as ProseField
from imr_letters.engine.values import Words as WordsField

HERE = Path(__file__).parent
ACCOUNT = "[0-9]{3}-[A-Z]"
#: What a bill of this utility can charge for.
CHARGES = ("Late fee", "Meter rent", "Reconnection", "Water used")

Result = Literal["credited in full", "credited in part", "stands"]


def _account(value: str) -> str:
    if not re.fullmatch(ACCOUNT, value):
        raise ValueError("is not an account such as 077-A")
    return value


def _cents(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch("[1-9][0-9]{0,8}", value):
        raise ValueError("is not an amount in cents, such as 1250")
    return value


class Sheet(Value):
    """A charge that a sheet of the tariff allows."""

    source: Literal["tariff"]
    sheet: WordsField


class NoSheet(Value):
    """A charge without one."""

    source: Literal["nothing"]


class Meter(Part):
    """The test of a meter."""

    tested_on: Day
    found: WordsField


class Charge(Part):
    """One charge in dispute."""

    keeps_words_of: ClassVar = frozenset({"billed_under"})

    label: WordsField
    cents: Annotated[int, BeforeValidator(_cents), Kind("cents")]
    billed_under: Annotated[Sheet | NoSheet, Discriminator("source"), Kind("tariff")]
    ruling: Literal["stands", "credited"]


def result(rulings: Iterable[str]) -> Result:
    found = set(rulings)
    return "credited in part" if len(found) > 1 else "stands" if found == {"stands"} else "credited in full"


def _result(data: Mapping[str, Any]) -> Result:
    return result(each["ruling"] for each in data.get("charges", ()) if "ruling" in each)


class Ruling(Part):
    """What the commission rules."""

    derived: ClassVar = {"result": Derived(get_args(Result), _result)}

    account: Annotated[str, AfterValidator(_account), Kind("account")]
    ruled_on: Day
    meter: Meter | None = None
    charges: tuple[Charge, ...] = Field(min_length=1)
    reasons: ProseField


class Account(AsWritten):
    """The number of an account."""

    name = "account"
    kind = "account"
    expected = "an account such as 077-A"
    pattern = ACCOUNT

    def examples(self) -> list[str]:
        return ["077-A", "120-C"]


class Dollars(Codec):
    """An amount as $1,204.50."""

    name = "dollars"
    kind = "cents"
    reach = "typed"
    expected = "an amount such as $12.50"
    pattern = r"\$[0-9,]{1,9}\.[0-9]{2}"

    def encode(self, value: int) -> str:
        return f"${value // 100:,}.{value % 100:02}"

    def decode(self, words: str) -> int:
        if not self.matches(words) or self.encode(cents := int(re.sub("[$,.]", "", words))) != words:
            raise ValueError(f"expected {self.expected}")
        return cents

    def examples(self) -> list[int]:
        return [1250, 120450]


class RulingWords(Choice):
    """The ruling on a charge."""

    name = "ruling"
    expected = "The charge stands or Credited"
    words = {"stands": "The charge stands", "credited": "Credited"}  # noqa: RUF012 - as in the other choices


class Tariff(Codec):
    """What a charge is billed under: `tariff("The utility")`."""

    name = "tariff"
    kind = "tariff"
    reach = "words"
    exact = False
    expected = "what the charge is billed under"
    example_arguments = ("The utility",)

    def __init__(self, by: str) -> None:
        self.by = by

    def encode(self, value: Sheet | NoSheet) -> str:
        return f"{self.by} named {value.sheet}" if isinstance(value, Sheet) else f"{self.by} named no sheet at all"

    def decode(self, words: str) -> Sheet | NoSheet:
        if words.rstrip(".") == f"{self.by} named no sheet at all":
            return NoSheet(source="nothing")
        if not words.startswith(f"{self.by} named "):
            raise ValueError(f"expected {self.expected}")
        return Sheet(source="tariff", sheet=words.removeprefix(f"{self.by} named "))

    def examples(self) -> list[Sheet | NoSheet]:
        return [Sheet(source="tariff", sheet="Alpha"), NoSheet(source="nothing")]


def _unknown_charges(ruling: Ruling) -> list[tuple[str, str]]:
    return [
        (f"charges[{index}].label", f'"{charge.label}" is no charge of this utility')
        for index, charge in enumerate(ruling.charges)
        if charge.label not in CHARGES
    ]


FORM = Form(
    model=Ruling,
    codecs=Codecs(Words, Prose, UsDate, Account, Dollars, RulingWords, Tariff),
    subject="a ruling",
    schema="the handbook",
    day_at=("ruled_on",),
    outside_vocabularies=_unknown_charges,
)


def families(folder: Path = HERE / "templates") -> list[Family[Ruling]]:
    return [Family(folder, path.parent.name, FORM) for path in sorted(folder.glob("*/family.toml"))]
