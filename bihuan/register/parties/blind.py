"""The blind index: which parties share an identity, a code, a name with a phone or an address.

Local and derived. Whoever restores other keys, or moves to another machine, calls `reindex`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from django.db import transaction
from django.db.models import Count

from bihuan.journal.keys import KeyRing
from bihuan.journal.storage import MAIN
from bihuan.register.models import Person
from bihuan.register.parties.models import BlindIndex, Identity, Party

TAIL: Final = 4  # digits of a phone number that a person confirms at a counter
_BATCH: Final = 500
Tokens = Mapping[str, str]


def tokens_of(
    keys: KeyRing,
    *,
    name: str | None = None,
    phone: str | None = None,
    address: str | None = None,
    number: str | None = None,
    code: str | None = None,
) -> dict[str, str]:
    """Ground → token for what is known of a party; None or empty = not known."""
    found: dict[str, str] = {}
    plain, tail = _plain(name or ""), re.sub(r"[^0-9]", "", phone or "")[-TAIL:]
    if number:
        found["identity"] = keys.token("identity", number)
    if code:
        found["code"] = keys.token("code", code)
    if plain and len(tail) == TAIL:
        found["name_phone"] = keys.token("name_phone", plain, tail)
    if plain and _plain(address or ""):
        found["name_address"] = keys.token("name_address", plain, _plain(address or ""))
    return found


def keep(party_id: int, tokens: Tokens) -> None:
    """Make these the tokens of a party, inside the transaction at hand."""
    forget(party_id)
    BlindIndex.objects.using(MAIN).bulk_create(
        BlindIndex(party_id=party_id, kind=kind, token=token) for kind, token in tokens.items()
    )


def forget(party_id: int) -> None:
    """Nothing finds the party by what it shares; called when a person is erased."""
    BlindIndex.objects.using(MAIN).filter(party_id=party_id).delete()


def alike(tokens: Tokens) -> dict[int, list[str]]:
    """Party id → grounds on which it may be the same as one with these tokens."""
    found: dict[int, list[str]] = {}
    for kind, token in sorted(tokens.items()):
        held = BlindIndex.objects.using(MAIN).filter(kind=kind, token=token)
        for party_id in held.order_by("party_id").values_list("party_id", flat=True):
            found.setdefault(party_id, []).append(kind)
    return found


def shared() -> Iterator[tuple[str, list[int]]]:
    """(ground, ids) of every token that more than one party has."""
    groups = (
        BlindIndex.objects.using(MAIN)
        .values("kind", "token")
        .annotate(n=Count("party_id"))
        .filter(n__gt=1)
        .order_by("kind", "token")
    )
    for group in groups:
        held = BlindIndex.objects.using(MAIN).filter(kind=group["kind"], token=group["token"])
        yield group["kind"], list(held.order_by("party_id").values_list("party_id", flat=True))


def known_tokens(keys: KeyRing, party_id: int) -> dict[str, str]:
    """The tokens of a party from what its rows say; none of an erased person."""
    party = Party.objects.using(MAIN).get(pk=party_id)
    if party.kind != "person":
        address = keys.open(party.address)
        return tokens_of(keys, name=party.name, address=address, code=party.code)
    person = Person.objects.using(MAIN).get(pk=party_id)
    identity = Identity.objects.using(MAIN).filter(pk=party_id).first()
    return tokens_of(
        keys,
        name=keys.open(person.name),
        phone=keys.open(person.phone),
        address=keys.open(party.address),
        number=keys.open(identity.number) if identity is not None else None,
    )


def reindex(keys: KeyRing) -> int:
    """Make the whole index anew from the rows, a batch a transaction; the number of parties."""
    after = done = 0
    while True:
        batch = Party.objects.using(MAIN).filter(id__gt=after).order_by("id")
        ids = list(batch.values_list("id", flat=True)[:_BATCH])
        with transaction.atomic(using=MAIN):
            gone = BlindIndex.objects.using(MAIN).filter(party_id__gt=after)
            (gone.filter(party_id__lte=ids[-1]) if ids else gone).delete()
            for party_id in ids:
                keep(party_id, known_tokens(keys, party_id))
        if not ids:
            return done
        done += len(ids)
        after = ids[-1]


def _plain(text: str) -> str:
    """Without what two writers write differently: spaces, full width, capitals."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
