"""Taking and withdrawing consents, and the one question everybody asks: may this be processed?

A call for help needs no consent (PIPL art. 13, to protect life): `RESCUE` is always allowed.
Purposes are those that installed subject types declare, `RESCUE` and `FAMILY_VIEW`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import msgspec

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.ids import row_id
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.register import schemes
from bihuan.register.consents.age import age_faults
from bihuan.register.consents.entries import (
    ConsentDeclined,
    ConsentGiven,
    ConsentWithdrawn,
    GivenBy,
)
from bihuan.register.consents.models import Consent
from bihuan.register.entries import Actor
from bihuan.register.models import Person
from bihuan.register.records.doing import By
from bihuan.register.refusals import ForbiddenError, TakenError

RESCUE: Final = "rescue"
FAMILY_VIEW: Final = "family_view"
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class NewConsent:
    """What somebody agrees to; see `ConsentGiven` for each field."""

    person_id: int
    purpose: str
    notice: str
    given_by: GivenBy = "self"
    guardian_id: int | None = None
    document: str | None = None
    scope: tuple[str, ...] = ()
    from_us: int | None = None
    until_us: int | None = None


class Consents:
    """Writes the consents of one county; the same key does it once."""

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys

    def give(self, new: NewConsent, by: By) -> int:
        """Note a consent; its id. from_us None = from now on. Raises every bad field."""
        idem = by.idem("consent", new.person_id, new.purpose)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            from_us = lane.now_us if new.from_us is None else new.from_us
            faults = _faults(lane.rows, new, from_us)
            # who agrees is old enough on that day: the person alone, or the guardian for them
            field = "given_by" if new.given_by == "self" else "guardian_id"
            who = new.person_id if new.given_by == "self" else new.guardian_id
            faults += age_faults(lane.rows, self._keys, field, who, from_us)
            if faults:
                raise BadInputError(*faults)
            said = ConsentGiven(
                person_id=new.person_id,
                purpose=new.purpose,
                scope=list(new.scope),
                given_by=new.given_by,
                guardian_id=new.guardian_id,
                document=new.document,
                notice=new.notice,
                from_us=from_us,
                until_us=new.until_us,
                by=_actor(by),
            )
            return lane.append(said, idem=idem).id()

    def decline(self, new: NewConsent, by: By) -> int:
        """Note that the person was asked and does not agree; the id. Raises every bad field.

        A consent that stands goes on until it is withdrawn: this is for one that never was given.
        """
        idem = by.idem("decline_consent", new.person_id, new.purpose)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            faults = _faults(lane.rows, new, lane.now_us)
            if may_process(lane.rows, new.person_id, new.purpose, lane.now_us):
                faults.append(Fault("purpose", "a consent that stands", "its withdrawal"))
            if faults:
                raise BadInputError(*faults)
            said = ConsentDeclined(
                person_id=new.person_id, purpose=new.purpose, notice=new.notice, by=_actor(by)
            )
            return lane.append(said, idem=idem).id()

    def withdraw(self, consent_id: int, by: By) -> None:
        """The person, or who acts for them, takes it back: the purpose's processing stops now."""
        idem = by.idem("withdraw", consent_id)
        with Appender(FACTS_LANE, self._clock) as lane:
            if lane.last_with(idem) is not None:
                return
            consent = lane.rows.get(Consent, consent_id)
            if consent is None:
                raise ForbiddenError
            if consent.withdrawn_us is not None:
                raise TakenError(consent.withdrawn_by, consent.withdrawn_us, "withdrawn")
            lane.append(ConsentWithdrawn(consent_id=consent_id, by=_actor(by)), idem=idem)


def may_process(
    rows: Rows, person_id: int, purpose: str, at_us: int, part: str | None = None
) -> bool:
    """Whether a person's data may be processed for a purpose at a time.

    part  of the purpose; None asks for a consent to some part of it
    """
    if purpose == RESCUE:
        return True
    return any(
        consent.purpose == purpose and _holds(consent, at_us) and _covers(consent, part)
        for consent in rows.where(Consent, person_id=person_id)
    )


def family_may_see(rows: Rows, person_id: int, viewer_id: int, at_us: int) -> bool:
    """Whether a relative may see a person's data: only with the person's consent."""
    return may_process(rows, person_id, FAMILY_VIEW, at_us, str(viewer_id))


def purposes() -> set[str]:
    """Every purpose for which a consent can be given."""
    declared = {
        purpose
        for scheme in schemes.installed().values()
        for subject in scheme.subjects
        for purpose in subject.purposes
    }
    return declared | {FAMILY_VIEW}


def _holds(consent: Consent, at_us: int) -> bool:
    is_over = consent.until_us is not None and consent.until_us <= at_us
    is_withdrawn = consent.withdrawn_us is not None and consent.withdrawn_us <= at_us
    return consent.from_us <= at_us and not is_over and not is_withdrawn


def _covers(consent: Consent, part: str | None) -> bool:
    scope = msgspec.json.decode(consent.scope, type=list[str])
    return part is None or not scope or part in scope


def _faults(rows: Rows, new: NewConsent, from_us: int) -> list[Fault]:
    faults = _person_faults(rows, "person_id", new.person_id)
    if new.purpose not in purposes():
        faults.append(Fault("purpose", new.purpose, " | ".join(sorted(purposes()))))
    if not 1 <= len(new.notice.strip()) <= 32:
        faults.append(Fault("notice", new.notice or "nothing", "the notice's version"))
    if new.until_us is not None and new.until_us <= from_us:
        faults.append(Fault("until_us", str(new.until_us), f"later than {from_us}"))
    if new.document is not None and not _DIGEST.fullmatch(new.document):
        faults.append(Fault("document", new.document, "the SHA-256 of a stored photo"))
    return faults + _guardian_faults(rows, new)


def _person_faults(rows: Rows, field: str, person_id: int | None) -> list[Fault]:
    person = None if person_id is None else rows.get(Person, person_id)
    if person is None:
        return [Fault(field, str(person_id), "a registered person")]
    return [] if person.died_us is None else [Fault(field, str(person_id), "who lives")]


def _guardian_faults(rows: Rows, new: NewConsent) -> list[Fault]:
    if new.given_by == "self":
        if new.guardian_id is None:
            return []
        return [Fault("guardian_id", str(new.guardian_id), "none: the person agrees")]
    faults = _person_faults(rows, "guardian_id", new.guardian_id)
    if new.guardian_id == new.person_id:
        faults.append(Fault("guardian_id", str(new.guardian_id), "another person"))
    if new.document is None:
        faults.append(Fault("document", "nothing", "the paper that makes somebody the guardian"))
    return faults


def _actor(by: By) -> Actor:
    return Actor(person_id=by.person_id, role="consents", via=by.via)
