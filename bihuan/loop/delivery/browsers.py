"""How this county writes to browsers: its account for Web Push, and what a page needs of it."""

from __future__ import annotations

import json
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag

from bihuan.base.errors import BadInputError, bad
from bihuan.journal.storage import MAIN
from bihuan.loop.delivery import vault
from bihuan.loop.delivery.entries import ChannelSetUp
from bihuan.loop.delivery.models import ChannelAccount
from bihuan.loop.delivery.registry import web_push
from bihuan.loop.providers.web_push import NAME, WebPush, base64url

CHANNEL: Final = "push"
MOST_CHARACTERS: Final = 2_000


def site() -> WebPush | None:
    """The account by which browsers are written to now; None where there is none that can."""
    rows = ChannelAccount.objects.using(MAIN).filter(provider=NAME, is_active=True)
    for row in rows.order_by("rank", "id"):
        fields = msgspec.json.decode(row.setup, type=ChannelSetUp).fields
        try:
            found = web_push(fields, vault.kept(row.id))
            if found.public_key:
                return found
        except (BadInputError, InvalidTag):  # its trouble stands on the page of the accounts
            continue
    return None


def address_at(found: WebPush, subscription: str) -> str:
    """A browser's subscription as it is kept: its address and keys, nothing else.

    Raises BadInputError for what is none, or names a host that no browser's maker has. The
    message shows nothing of it: who has the address and the keys can write to the phone.
    """
    if len(subscription) > MOST_CHARACTERS:
        raise bad("subscription", f"{len(subscription)} characters", f"at most {MOST_CHARACTERS}")
    try:
        to = found.known(subscription)
    except BadInputError as error:
        raise bad("subscription", "•••", error.faults[0].want) from None
    keys = {"p256dh": base64url(to.public), "auth": base64url(to.auth)}
    return json.dumps({"endpoint": to.endpoint, "keys": keys})
