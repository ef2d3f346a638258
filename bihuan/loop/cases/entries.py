"""What lane 0 says about matters that people report, moves of a case, links and documents."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from bihuan.journal.payloads import Payload, entry_type
from bihuan.loop.entries import Called, ClockSet, ProofGiven
from bihuan.register.entries import Actor

Link = Literal["duplicate", "merged", "child"]


@entry_type("matter.reported.v1")
class MatterReported(Payload, frozen=True, kw_only=True):
    """A person reported something (反映), or an official wrote it down for them (代录).

    origin_id     who reported it; None = gave no name
    sealed_for    whose key seals the texts: the origin's, the subject's, or this entry's own id
    contact       how the origin wants to be reached, in words, where it is no registered reach
    taken_down_by  the official who wrote it down; None = the origin did
    is_read_back  whether it was read back to the origin; None where the origin wrote it
    is_sealed     whether who reported it is kept from everybody who handles it
    """

    scenario: str
    kind: str
    area_id: int
    subject_id: int | None
    origin_id: int | None
    sealed_for: int
    text: bytes
    contact: bytes | None
    via: str
    taken_down_by: Actor | None
    is_read_back: bool | None
    is_sealed: bool = False


@entry_type("case.moved.v1")
class CaseMoved(Payload, frozen=True, kw_only=True):
    """An act of the playbook's table moved the case, or stands on its timeline alone (to = "").

    owner_id, owner_role: who holds it from now on; None: as before. text, answer: sealed.
    answered: who is told the answer at once, where the case goes on.
    """

    case_id: int
    by: Actor
    act: str
    to: str
    owner_id: int | None = None
    owner_role: str | None = None
    text: bytes | None = None
    answer: bytes | None = None
    meets: list[str] = field(default_factory=list)
    clocks: list[ClockSet] = field(default_factory=list)
    proof: list[ProofGiven] = field(default_factory=list)
    asked: list[Called] = field(default_factory=list)
    told: list[Called] = field(default_factory=list)
    detail: str | None = None
    answered: list[Called] = field(default_factory=list)


@entry_type("case.reopened.v1")
class CaseReopened(Payload, frozen=True, kw_only=True):
    """It goes on after its end, within the playbook's period; its outcome no longer stands."""

    case_id: int
    by: Actor
    to: str
    text: bytes | None
    clocks: list[ClockSet]


@entry_type("case.linked.v1")
class CaseLinked(Payload, frozen=True, kw_only=True):
    """case_id is other_id's likely duplicate, is merged into it, or is a part of it."""

    case_id: int
    other_id: int
    link: Link
    by: Actor | None


@entry_type("case.told.v1")
class CaseTold(Payload, frozen=True, kw_only=True):
    """The origin of a merged case is answered with the case that it was merged into."""

    case_id: int
    by: Actor
    answer: bytes
    told: list[Called]


@entry_type("document.attached.v1")
class DocumentAttached(Payload, frozen=True, kw_only=True):
    """A file of any kind, sealed and kept by its digest. name: sealed, as it was called.

    sha256: of the file as it was given, in hex, sealed: whoever has the file can compare.
    """

    case_id: int
    by: Actor
    digest: str
    media_type: str
    size_bytes: int
    name: bytes
    sha256: bytes | None = None
