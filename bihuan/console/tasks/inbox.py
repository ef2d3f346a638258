"""站内消息 / messages of the channel `in_app`: delivered when the person's page shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from bihuan.console.home import clock, keys
from bihuan.console.register.wording import word
from bihuan.console.shown import Reader, Word, is_english
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop import answer
from bihuan.loop.daily.projectors import PURPOSE, words_of
from bihuan.loop.models import Case, Delivery
from bihuan.register.accounts.offices import holds_no_office

CHANNEL = "in_app"
NEWEST = 50
UNSHOWN = ("accepted",)


@dataclass(frozen=True, slots=True)
class Shown:
    """One message. case_id None: it is about no case. is_shown: this page had shown it before."""

    id: int
    case_id: int | None
    purpose: str
    title: str
    place: str
    state_word: Word
    state: str
    at_us: int
    is_shown: bool


def unread(person_id: int) -> int:
    """How many messages stand on the person's page and were not shown yet."""
    return _mine(person_id).filter(state__in=UNSHOWN).count()


def messages_of(person_id: int, now_us: int) -> list[Shown]:
    """The newest messages to a person, names masked."""
    return shown_of(sent_to(person_id).order_by("-id")[:NEWEST], now_us)


def sent_to(person_id: int) -> QuerySet[Delivery]:
    """Every message that went out to a person's page; of an administrator none."""
    return _mine(person_id).exclude(state__in=("queued", "attempted"))


def shown_of(rows: Iterable[Delivery], now_us: int) -> list[Shown]:
    """Messages as the page shows them; one whose case is gone is left out."""
    sent = list(rows)
    cases = Case.objects.using(MAIN).in_bulk({one.case_id for one in sent})
    reader = Reader(list(cases.values()), keys(), now_us)
    found = []
    for one in sent:
        if one.purpose == PURPOSE:
            found += _notice(one)
            continue
        if (case := cases.get(one.case_id)) is None:
            continue
        shown = reader.show(case)
        found.append(
            Shown(
                id=one.id,
                case_id=case.id,
                purpose=one.purpose,
                title=f"{shown.who} {shown.what}",
                place=shown.place,
                state_word=shown.state_word,
                state=case.state,
                at_us=one.queued_us,
                is_shown=one.state not in UNSHOWN,
            )
        )
    return found


def _notice(one: Delivery) -> list[Shown]:
    """A scenario's daily notice; nothing once the consent behind it is taken back."""
    found = words_of(Rows(MAIN), one, keys(), is_english=is_english())
    if found is None:
        return []
    notice, said = found
    return [
        Shown(
            id=one.id,
            case_id=None,
            purpose=one.purpose,
            title=word(notice.title),
            place=word(said),
            state_word="",
            state="",
            at_us=one.queued_us,
            is_shown=one.state not in UNSHOWN,
        )
    ]


def mark_shown(person_id: int, ids: Iterable[int]) -> None:
    """The person's page has shown these; a second time changes nothing."""
    for delivery_id in ids:
        answer.shown(delivery_id, person_id, clock())


def _mine(person_id: int) -> QuerySet[Delivery]:
    found = Delivery.objects.using(MAIN).filter(person_id=person_id, channel=CHANNEL)
    return found.filter(holds_no_office(person_id))
