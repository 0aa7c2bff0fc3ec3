"""Decisions as they are mailed: parties, documents, recipients and addressee, in addition to what is published."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from imr_letters.engine.matching.fences import Fences
from imr_letters.imr.codecs import CODECS
from imr_letters.imr.model import Decision, Document, Parties, Party, Recipient, for_recipients
from imr_letters.imr.model.mailing import LONGEST_LINE, LONGEST_NAME, WINDOW_LINES, window_lines
from imr_letters.testing.strategies import cases
from imr_letters.wording import SHIPPED
from tests import strategies

FAMILY = "final-determination"

#: Fixed words that no name, title or source may hold, or begin with.
_FORM = Fences(
    start=["Attn: "],
    inside=[", with ", " Application Received: ", ", received from ", ", dated ", ", undated"],
)
_PROSE = [state.fences for state in SHIPPED.family(FAMILY).automaton.states if state.prose]


def _sound(value: str) -> bool:
    return bool(value) and _FORM.hit(value) is None and not any(fences.hit(value) for fences in _PROSE)


def lines(longest: int) -> Any:
    """Return words of at most so many characters that no part of the form begins with."""
    return st.one_of(strategies.plain, strategies.words).map(lambda value: value[:longest].strip()).filter(_sound)


names = lines(LONGEST_NAME)
parties = st.builds(Party, name=names, organization=st.none() | names)
addresses = st.lists(lines(LONGEST_LINE), min_size=1, max_size=4).map(tuple)


def _recipients(address: Any) -> Any:
    """Return recipients whose address fits the window."""
    return (
        st.tuples(capacities, names, st.none() | names, address)
        .filter(lambda drawn: drawn[3] is None or window_lines(*drawn[1:]) <= WINDOW_LINES)
        .map(lambda drawn: Recipient(capacity=drawn[0], name=drawn[1], organization=drawn[2], address=drawn[3]))
    )


capacities = st.sampled_from(CODECS.make("capacity").examples())
recipients = _recipients(st.none() | addresses)


def _document(title: str, source: str, days: list[Any]) -> Document:
    return Document(
        title=title,
        source=source,
        dated_on=days[0] if days else None,
        dated_to=days[1] if len(days) > 1 else None,
    )


documents = st.builds(
    _document,
    lines(200),
    lines(90),
    st.lists(strategies.days, max_size=2, unique=True).map(sorted),
)


def sources(most_items: int = 3) -> Any:
    """Return decisions before they are addressed: every recipient may have an address, the first one has."""
    return st.builds(
        lambda decision, case, of, first, others, listed: decision.model_copy(
            update={"case": case, "parties": of, "recipients": (first, *others), "documents": tuple(listed)}
        ),
        strategies.decisions("dwc-2015", most_items),
        cases,
        st.builds(
            Parties,
            injured_worker=parties,
            claim_number=names,
            claims_administrator=parties,
            employer=st.none() | parties,
            requesting_provider=parties,
            worker_representative=st.none() | parties,
            administrator_representative=st.none() | parties,
        ),
        _recipients(addresses),
        st.lists(recipients, max_size=3),
        st.lists(documents, min_size=1, max_size=4),
    )


def mailed(most_items: int = 3) -> Any:
    """Return decisions that are addressed to one of their recipients."""
    return sources(most_items).map(lambda decision: for_recipients(decision)[-1])


def decision(**changes: Any) -> Decision:
    """Return an invented decision with two recipients who have addresses, changed as asked."""
    from imr_letters import load, samples

    (path,) = (path for path in samples.decisions() if path.stem.startswith("14"))
    made = load(path)
    address = made.addressee.address if made.addressee else ()
    found = made.recipients or ()
    update = {
        "recipients": tuple(
            each.model_copy(update={"address": address if index < 2 else None}) for index, each in enumerate(found)
        ),
        "addressee": None,
        **changes,
    }
    return Decision.model_validate(made.model_copy(update=update).data())
