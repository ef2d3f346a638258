"""A delivery as an errand: to which of the person's addresses, and what it says there."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from bihuan.base.errors import BadInputError, bad
from bihuan.journal.keys import KeyRing
from bihuan.journal.rows import Rows
from bihuan.loop.delivery.entries import ChannelSetUp
from bihuan.loop.delivery.texts import Occasion, Saying, saying
from bihuan.loop.delivery.topics import topic_of
from bihuan.loop.models import Case, Delivery
from bihuan.loop.providers.provider import Errand
from bihuan.register.models import Reach


@dataclass(frozen=True, slots=True)
class Letter:
    """An errand, and the way to the person that it takes."""

    errand: Errand
    reach_id: int


def reach_of(rows: Rows, person_id: int, channel: str) -> Reach | None:
    """The person's first address on a channel."""
    found = [one for one in rows.where(Reach, person_id=person_id) if one.channel == channel]
    return min(found, key=lambda one: (one.rank, one.id), default=None)


def said_by(rows: Rows, delivery: Delivery, keys: KeyRing, *, is_english: bool) -> Saying:
    """The words of a message. Raises BadInputError where there are none."""
    topic = topic_of(delivery.purpose)
    if topic is not None:
        return topic.says(rows, delivery, keys, is_english)
    case = rows.get(Case, delivery.case_id)
    if case is None:
        raise bad("case", delivery.case_id, "a case")
    return saying(Occasion(rows, delivery, case, keys, is_english))


def letter_for(
    rows: Rows, delivery: Delivery, setup: ChannelSetUp, keys: KeyRing, now_us: int
) -> Letter | str:
    """The errand; or why there can be none: no address, or no words for it."""
    reach = reach_of(rows, delivery.person_id, delivery.channel)
    address = keys.open(reach.address) if reach is not None else None
    if reach is None or not address:
        return f"wrong_address: no address for {delivery.channel}"
    try:
        said = said_by(rows, delivery, keys, is_english=setup.language == "en")
        params = {name: said.params[name] for name in setup.params}
    except BadInputError as error:
        return f"content: {error}"
    except KeyError as error:
        return f"template: no variable {error}"
    errand = Errand(
        key=f"bh{delivery.id}",
        address=address,
        title=said.title,
        text=said.text,
        params=params,
        at_us=now_us,
        nonce=secrets.token_hex(16),
        template=setup.templates.get(delivery.purpose, ""),
        glance=(said.glance, "Open to see it." if setup.language == "en" else "请打开查看。"),
    )
    return Letter(errand, reach.id)
