"""Whose number a reply came from, by a blind index: keyed hashes of what messages went to.

Each address is opened once in its life, when the first reply after it was written to comes in;
from then on a number is found by its token. Local and derived: after a restore with other keys
`forget_all` lets it be made anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db.models import Exists, OuterRef

from bihuan.base.errors import BadInputError
from bihuan.journal.keys import KeyRing
from bihuan.journal.storage import MAIN
from bihuan.loop.delivery.models import PhoneToken, Sending
from bihuan.loop.providers.provider import phone_e164
from bihuan.register.models import Reach

AT_ONCE: Final = 500


def reaches_of(number: str, account: str, since_us: int, keys: KeyRing) -> set[int]:
    """Ids of the ways to be reached at this number that an account wrote to since then."""
    plain = plain_number(number)
    if not plain:
        return set()
    _take_in(account, since_us, keys)
    found = PhoneToken.objects.filter(token=_token(keys, plain))
    return set(found.values_list("reach_id", flat=True))


def _take_in(account: str, since_us: int, keys: KeyRing) -> None:
    """Hash the addresses that were written to and are not known yet, some hundred at a time."""
    known = PhoneToken.objects.filter(reach_id=OuterRef("reach_id"))
    sent = Sending.objects.using(MAIN).filter(
        ~Exists(known), account=account, attempted_us__gt=since_us, reach_id__isnull=False
    )
    while found := list(sent.values_list("reach_id", flat=True).distinct()[:AT_ONCE]):
        ids = [one for one in found if one is not None]
        rows = Reach.objects.using(MAIN).in_bulk(ids)
        tokens = []
        for reach_id in ids:
            row = rows.get(reach_id)  # None: it was changed since, nobody is reached there
            plain = plain_number(keys.open(row.address) or "") if row is not None else ""
            token = _token(keys, plain) if plain else ""
            tokens.append(PhoneToken(reach_id=reach_id, token=token))
        PhoneToken.objects.bulk_create(tokens, ignore_conflicts=True)


def forget(person_ids: Iterable[int]) -> None:
    """Let go of the hashes of these people's numbers; called when they are erased."""
    reaches = Reach.objects.using(MAIN).filter(person_id__in=list(person_ids))
    ids = list(reaches.values_list("id", flat=True))
    PhoneToken.objects.filter(reach_id__in=ids).delete()


def forget_all() -> None:
    """Let the index be made anew: other keys give other tokens."""
    PhoneToken.objects.all().delete()


def plain_number(text: str) -> str:
    """A number as every writer means it, +86…; "" where it is none."""
    try:
        return phone_e164(text if not text.startswith("86") or len(text) != 13 else f"+{text}")
    except BadInputError:
        return ""


def _token(keys: KeyRing, plain: str) -> str:
    return keys.token("reply_from", plain)
