"""Who is asked about a subject, and sees it: named and ended by who edits subjects of its type.

The contacts of an elder are relatives; of a firm they are the people who speak for it.
"""

from __future__ import annotations

import re

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.ids import row_id
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.register import schemes
from bihuan.register.entries import Actor, ContactEnded, ContactNamed
from bihuan.register.models import Contact, Person, Subject
from bihuan.register.records.doing import By, Doing
from bihuan.register.refusals import ForbiddenError

MOST_RANK = 99
RELATION = re.compile(r"[a-z][a-z_]{0,31}|[\u3400-\u9fff]{1,8}")


class Contacts:
    """Writes the contacts of a county's subjects. A call is a transaction; a key does it once."""

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys

    def name(self, subject_id: int, person_id: int, relation: str, by: By, rank: int = 0) -> int:
        """Name a contact; its id. rank 0 is asked first; the same again is the same contact.

        Raises BadInputError (every bad field), ForbiddenError.
        """
        idem = by.idem("contact", subject_id, person_id)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            doing = Doing(lane, self._keys, by)
            subject = lane.rows.get(Subject, subject_id)
            actor = _editor(doing, subject)
            faults = [
                Fault(field, got, want)
                for is_good, field, got, want in (
                    (
                        lane.rows.get(Person, person_id) is not None,
                        *("person_id", str(person_id), "a registered person"),
                    ),
                    (
                        RELATION.fullmatch(relation) is not None,
                        *(
                            "relation",
                            relation or "nothing",
                            "small letters, or 1 to 8 Chinese ones",
                        ),
                    ),
                    (0 <= rank <= MOST_RANK, "rank", str(rank), f"0 to {MOST_RANK}"),
                )
                if not is_good
            ]
            if faults:
                raise BadInputError(*faults)
            for held in lane.rows.where(Contact, subject_id=subject_id):
                if (held.person_id, held.relation) == (person_id, relation):
                    return held.id
            said = ContactNamed(
                subject_id=subject_id, person_id=person_id, relation=relation, rank=rank, by=actor
            )
            return doing.append(said, idem).id()

    def end(self, contact_id: int, by: By) -> int:
        """The contact ends; the position of the entry as an id. Raises ForbiddenError."""
        idem = by.idem("contact-end", contact_id)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            doing = Doing(lane, self._keys, by)
            contact = lane.rows.get(Contact, contact_id)
            if contact is None:
                raise ForbiddenError
            actor = _editor(doing, lane.rows.get(Subject, contact.subject_id))
            return doing.append(ContactEnded(contact_id=contact_id, by=actor), idem).id()


def _editor(doing: Doing, subject: Subject | None) -> Actor:
    """Who edits subjects of this type, there or above: never the contacts themselves."""
    if subject is None or subject.ended_us is not None:
        raise ForbiddenError
    editors = schemes.editors_of(subject.scenario, subject.kind)
    return doing.actor(editors, doing.at(subject))
