"""What messages can be about besides a case: each topic says how facts of its messages count."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from bihuan.base.errors import bad
from bihuan.journal.keys import KeyRing
from bihuan.journal.rows import Rows

if TYPE_CHECKING:
    from bihuan.loop.delivery.texts import Saying
    from bihuan.loop.entries import DeliveryTold
    from bihuan.loop.models import Delivery


class Topic(NamedTuple):
    """Messages whose `case_id` is no case but a stream of their own.

    attempted  at a message's first attempt (state attempted), or when no account can send it
               (state queued); µs
    told       a fact about one, µs
    is_wanted  whether what it says still stands; else it does not leave
    waiting    which of these messages still wait for an answer, by id
    says       its words; rows, message, keys, whether in English
    """

    attempted: Callable[[Rows, Delivery, int], None]
    told: Callable[[Rows, Delivery, DeliveryTold, int], None]
    is_wanted: Callable[[Rows, Delivery], bool]
    waiting: Callable[[list[Delivery]], set[int]]
    says: Callable[[Rows, Delivery, KeyRing, bool], Saying]


_topics: dict[str, Topic] = {}


def are_about(purposes: Iterable[str], topic: Topic) -> None:
    """Make known what messages of these purposes are about; once for each purpose."""
    for purpose in purposes:
        if _topics.get(purpose, topic) is not topic:
            raise bad("purpose", purpose, "one topic for each purpose")
        _topics[purpose] = topic


def topic_of(purpose: str) -> Topic | None:
    """The topic of a message; None where it is about a case."""
    return _topics.get(purpose)


def purposes() -> list[str]:
    """Every purpose whose messages are about something besides a case."""
    return sorted(_topics)


def is_wanted(rows: Rows, delivery: Delivery) -> bool:
    """Whether a message of a topic still stands; one about a case always does here."""
    topic = topic_of(delivery.purpose)
    return topic is None or topic.is_wanted(rows, delivery)


def waiting(deliveries: list[Delivery]) -> set[int]:
    """Those messages of topics that still wait for an answer, by id."""
    found: set[int] = set()
    for topic in set(_topics.values()):
        found |= topic.waiting([one for one in deliveries if topic_of(one.purpose) is topic])
    return found
