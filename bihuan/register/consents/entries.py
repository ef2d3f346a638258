"""What lane 0 says about consents."""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor

GivenBy = Literal["self", "guardian"]


@entry_type("consent.given.v1")
class ConsentGiven(Payload, frozen=True, kw_only=True):
    """A person, or a guardian with a document, agrees to a purpose after an informed notice.

    scope     parts of the purpose, [] = all of it; of `family_view` the ids of persons who may see
    document  SHA-256 of the stored photo of the paper; a guardian's is never without
    notice    version of the notice that was read to them
    """

    person_id: int
    purpose: str
    scope: list[str]
    given_by: GivenBy
    guardian_id: int | None
    document: str | None
    notice: str
    from_us: int
    until_us: int | None
    by: Actor


@entry_type("consent.withdrawn.v1")
class ConsentWithdrawn(Payload, frozen=True, kw_only=True):
    """From its recorded time on the purpose's processing stops; what was done before stands."""

    consent_id: int
    by: Actor


@entry_type("consent.declined.v1")
class ConsentDeclined(Payload, frozen=True, kw_only=True):
    """Asked, the person does not agree to a purpose: nothing of it is processed from now on."""

    person_id: int
    purpose: str
    notice: str
    by: Actor


@entry_type("consent_age.set.v1")
class ConsentAgeSet(Payload, frozen=True, kw_only=True):
    """From a day on own consents count from so many years of age.

    source, region  whose figure it is and where it holds; effective_from: a date
    """

    years: int
    source: str
    effective_from: str
    region: str
    by: Actor
