"""Secrets of channel accounts: sealed in a local table, opened only where a request is signed.

The key is derived from this installation's secret (`secret.key`), which stands in no database
and no backup of one.
"""

from __future__ import annotations

import os
import secrets as random
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from bihuan.journal.storage import MAIN
from bihuan.loop.delivery.models import ChannelSecret
from bihuan.loop.providers.provider import Secret

CALLBACK = "callback"  # the part of the callback's address that nobody can guess
_NONCE_BYTES = 12


def keep(account: str, secrets: Mapping[str, str]) -> None:
    """Keep these secrets of an account; each replaces the one of its name."""
    for name, text in secrets.items():
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + _cipher().encrypt(nonce, text.encode(), _place(account, name))
        rows = ChannelSecret.objects.using(MAIN)
        rows.update_or_create(account=account, name=name, defaults={"sealed": sealed})


def kept(account: str) -> dict[str, Secret]:
    """Every secret of an account by name. Raises InvalidTag where secret.key is another."""
    return {
        row.name: Secret(_open(row))
        for row in ChannelSecret.objects.using(MAIN).filter(account=account)
    }


def names(account: str) -> set[str]:
    """Names of the secrets that are kept; nothing is opened."""
    found = ChannelSecret.objects.using(MAIN).filter(account=account)
    return set(found.values_list("name", flat=True))


def make_callback(account: str) -> None:
    """A callback address for an account that has none."""
    if CALLBACK not in names(account):
        keep(account, {CALLBACK: random.token_urlsafe(24)})


def _open(row: ChannelSecret) -> str:
    raw = bytes(row.sealed)
    nonce, sealed = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
    return _cipher().decrypt(nonce, sealed, _place(row.account, row.name)).decode()


def _place(account: str, name: str) -> bytes:
    """A sealed secret opens only where it stands."""
    return f"{account}/{name}".encode()


def _cipher() -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"bihuan channel secrets")
    return AESGCM(derive.derive(settings.SECRET_KEY.encode()))
