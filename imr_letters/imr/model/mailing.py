"""What the mailed letter says beside the published one: the parties, the documents reviewed, who gets a copy.

Sources: California Labor Code 4610.5 and 4610.6 (who takes part in the review and who is sent the determination),
8 CCR 9792.10.6(d) (the determination lists the documents reviewed). All of it is optional in a decision, and none of
it is in the public edition.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from imr_letters.engine.values import Day, Kind, Part, Words

#: Longest name and address line, in characters: they must fit the window of an envelope.
LONGEST_NAME = 60
LONGEST_LINE = 50
#: Lines that the window shows, and the characters that certainly stand on one of them.
WINDOW_LINES = 6
_ON_A_LINE = 46

Capacity = Literal[
    "injured_worker",
    "worker_representative",
    "claims_administrator",
    "administrator_representative",
    "employer",
    "requesting_provider",
    "administrative_director",
]


def _fits(most: int) -> AfterValidator:
    def check(value: str) -> str:
        if len(value) > most:
            raise ValueError(f"has more than {most} characters and would not fit the window of an envelope")
        return value

    return AfterValidator(check)


#: The name of a person or an organization, as it stands on an envelope.
PartyName = Annotated[Words, _fits(LONGEST_NAME)]
#: One line of an address.
AddressLine = Annotated[Words, _fits(LONGEST_LINE)]
#: The lines of an address below the name: street or box, then city, state and ZIP code.
Address = Annotated[tuple[AddressLine, ...], Field(min_length=1, max_length=4), Kind("address")]


class Party(Part):
    """A person or an organization that takes part in the review."""

    name: PartyName = Field(description="Name of the person; of the organization, where no person is named.")
    organization: PartyName | None = Field(default=None, description="The organization the named person belongs to.")


class Parties(Part):
    """Who takes part in the review (Labor Code 4610.5), and the claim it belongs to."""

    injured_worker: Party = Field(description="The injured worker.")
    claim_number: Annotated[Words, _fits(LONGEST_NAME)] = Field(description="The claims administrator's claim number.")
    claims_administrator: Party = Field(description="The claims administrator.")
    employer: Party | None = Field(default=None, description="The employer.")
    requesting_provider: Party = Field(description="The provider who requested the treatment.")
    worker_representative: Party | None = Field(default=None, description="Who represents the injured worker.")
    administrator_representative: Party | None = Field(
        default=None, description="Who represents the claims administrator or the employer."
    )


class Document(Part):
    """One document, or one set of them, that was reviewed (8 CCR 9792.10.6(d)): source, title and date or range."""

    title: Words = Field(description="Title or kind, such as Progress report.")
    source: Words = Field(description="Who made it or sent it in.")
    dated_on: Day | None = Field(default=None, description="Its date; the first one of a set. Absent if undated.")
    dated_to: Day | None = Field(default=None, description="The last date of a set.")

    @model_validator(mode="after")
    def _range(self) -> Document:
        if self.dated_to is not None and (self.dated_on is None or self.dated_to <= self.dated_on):
            raise ValueError("dated_to is no later day than dated_on: a range goes from an earlier to a later day")
        return self


def window_lines(name: str, organization: str | None, address: tuple[str, ...]) -> int:
    """Return how many lines an address may take in the window; long ones count twice, since they may be broken."""
    first = [name] if organization is None else [f"Attn: {name}", organization]
    return sum(1 if len(line) <= _ON_A_LINE else 2 for line in (*first, *address))


class _Addressed(Party):
    address: Address | None = None

    @model_validator(mode="after")
    def _fits_the_window(self) -> Any:
        if self.address is not None and window_lines(self.name, self.organization, self.address) > WINDOW_LINES:
            raise ValueError(
                f"name, organization and address take more than the {WINDOW_LINES} lines that the window of an "
                "envelope shows: shorten them"
            )
        return self


class Addressee(_Addressed):
    """Whom one letter is sent to."""

    address: Address = Field(description="The lines of the address below the name.")


class Recipient(_Addressed):
    """Who is sent a copy of the determination (Labor Code 4610.6(f); 8 CCR 9792.10.6(f)).

    The address is kept where the letters are addressed from. The letters name their recipients without it: nobody is
    told where another lives.
    """

    capacity: Capacity = Field(description="As what: injured_worker, claims_administrator and so on.")
    address: Address | None = Field(default=None, description="The lines of the address below the name.")
