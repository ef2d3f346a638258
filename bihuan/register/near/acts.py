"""Giving a contact a page without an account, and taking it back."""

from __future__ import annotations

from typing import Final

from bihuan.base.errors import bad
from bihuan.base.ids import row_id
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.consents.effect import hidden_from
from bihuan.register.entries import Actor
from bihuan.register.holders import role_for
from bihuan.register.models import Contact, Subject
from bihuan.register.near.entries import NearLinkGiven, NearLinkRevoked
from bihuan.register.near.models import NearLink
from bihuan.register.records.acts import By
from bihuan.register.records.rows import where
from bihuan.register.refusals import ForbiddenError, TakenError

VIA: Final = "link"  # how an act is told apart that came through such a page


class NearLinks:
    """Writes the links of one county; the same key does it once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def give(self, subject_id: int, person_id: int, by: By) -> int:
        """A link for a contact of the subject; its id. Who edits such subjects gives it.

        Raises ForbiddenError, TakenError where one is open, BadInputError for who is no contact or
        whom the subject's person does not let see (any more).
        """
        idem = by.idem("near", subject_id, person_id)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            subject = lane.rows.get(Subject, subject_id)
            if subject is None:
                raise ForbiddenError
            actor = self._actor(lane, subject, by)
            contacts = lane.rows.where(Contact, subject_id=subject_id)
            if person_id not in {one.person_id for one in contacts}:
                raise bad("person_id", person_id, "a contact of this subject")
            behind = subject.person_id
            if behind is not None and hidden_from(person_id, [behind], lane.now_us):
                raise bad("person_id", person_id, "a contact whom the person lets see")
            for link in lane.rows.where(NearLink, subject_id=subject_id):
                if link.person_id == person_id and link.revoked_us is None:
                    raise TakenError(link.given_by, link.given_us, "given")
            said = NearLinkGiven(subject_id=subject_id, person_id=person_id, by=actor)
            return lane.append(said, idem=idem).id()

    def revoke(self, link_id: int, by: By) -> None:
        """Nobody opens it any more: by who may give it, or by its own holder. Again: nothing."""
        with Appender(FACTS_LANE, self._clock) as lane:
            link = lane.rows.get(NearLink, link_id)
            subject = lane.rows.get(Subject, link.subject_id) if link is not None else None
            if link is None or subject is None:
                raise ForbiddenError
            if by.via == VIA and by.person_id == link.person_id:
                actor = Actor(person_id=by.person_id, role="family", via=VIA)
            else:
                actor = self._actor(lane, subject, by)
            if link.revoked_us is None:
                lane.append(NearLinkRevoked(link_id=link_id, by=actor))

    def _actor(self, lane: Appender, subject: Subject, by: By) -> Actor:
        editors = schemes.editors_of(subject.scenario, subject.kind)
        place = where(subject, lane.now_us)
        who = by.person_id
        role = None if who is None else role_for(lane.rows, who, editors, place)
        if role is None:
            raise ForbiddenError
        return Actor(person_id=by.person_id, role=role, via=by.via)


def open_links(subject_id: int) -> list[NearLink]:
    """The links of a subject that open, oldest first."""
    found = NearLink.objects.using(MAIN).filter(subject_id=subject_id, revoked_us=None)
    return list(found.order_by("id"))
