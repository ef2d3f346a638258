"""The index follows lane 0: what an entry touched is looked up and indexed anew.

A noun says once which of its rows an entry touches and what a row can be found by. Indexing a row
twice changes nothing, so a kill between two entries loses nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.db import connections, transaction

from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.payloads import Payload
from bihuan.journal.project import Recorded
from bihuan.journal.read import entries
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.search import tokens
from bihuan.register.search.models import SearchOffset, SearchRow, SearchToken

PER_TURN = 40  # so that one turn's writing is short
ONLY = 1  # the one row of SearchOffset
_NEW_TOKEN = "INSERT INTO register_search_token (token, found_id) VALUES (%s, %s)"  # noqa: S105 - no password


class Place(NamedTuple):
    """Where a row is and whose: for the rights of who searches. path "" = nowhere yet."""

    scenario: str
    path: str


class Searchable(NamedTuple):
    """One noun that can be found.

    touched   ids of its rows that an entry may have changed
    document  what a row can be found by, and where it is; None = not (any more)
    gather    holds in `rows` what the others will ask for of a whole turn; None = nothing
    ready     holds in `rows` what the documents of these rows will ask for; None = nothing
    """

    noun: str
    touched: Callable[[Rows, Recorded[Payload]], Iterable[int]]
    document: Callable[[Rows, KeyRing, int], tuple[tokens.Document, Place] | None]
    gather: Callable[[Rows, Sequence[Recorded[Payload]]], None] | None = None
    ready: Callable[[Rows, Sequence[int]], None] | None = None


_nouns: dict[str, Searchable] = {}


def searchable(noun: Searchable) -> None:
    """Make a noun known; the same one a second time changes nothing."""
    _nouns[noun.noun] = noun


def nouns() -> dict[str, Searchable]:
    """Every noun that can be found."""
    return dict(_nouns)


class Hasher:
    """Keyed hashes of tokens. The key is made at the first use and kept beside the keys."""

    def __init__(self, path: Path) -> None:
        self._key = _key(path)

    def __call__(self, token: str) -> int:
        digest = hmac.digest(self._key, token.encode(), hashlib.sha256)
        return int.from_bytes(digest[:8], "big", signed=True)


@lru_cache(maxsize=8)
def _key(path: Path) -> bytes:
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.write_bytes(secrets.token_bytes(32))
        fresh.chmod(0o600)
        with suppress(FileExistsError):  # the first of several processes wins
            os.link(fresh, path)
        fresh.unlink()
    return path.read_bytes()


def forget_rows(rows: Iterable[tuple[str, int]]) -> None:
    """Let go of (noun, row) at once: what is erased is found by nothing from now on."""
    for noun, row in rows:
        with transaction.atomic(using=MAIN):
            found = SearchRow.objects.filter(noun=noun, row=row)
            SearchToken.objects.filter(
                found_id__in=list(found.values_list("id", flat=True))
            ).delete()
            found.delete()


class Index:
    """Writes the index; one is enough, a second finds nothing left to do."""

    def __init__(self, keys: KeyRing, hasher: Hasher) -> None:
        self._keys, self._hash = keys, hasher

    def run_once(self, most: int = PER_TURN) -> int:
        """Follow lane 0 by at most one turn; how many entries were read.

        most  entries of a turn; more only where nobody waits for the database
        Texts are opened before the transaction, which only writes: an SOS never waits for it long.
        """
        after = self._position()
        found = list(entries(FACTS_LANE, after, most))
        if not found:
            return 0
        rows = Rows(MAIN)
        for noun in _nouns.values():
            if noun.gather is not None:
                noun.gather(rows, found)
        touched = {
            (noun.noun, row)
            for entry in found
            for noun in _nouns.values()
            for row in noun.touched(rows, entry)
        }
        said = [
            (noun, row, _nouns[noun].document(rows, self._keys, row))
            for noun, row in sorted(touched)
        ]
        with transaction.atomic(using=MAIN):
            if self._position() != after:
                return 0  # another one was here meanwhile
            for n in range(0, len(said), 1_000):
                self._write(said[n : n + 1_000])
            SearchOffset.objects.update_or_create(
                id=ONLY, defaults={"position": found[-1].position}
            )
        return len(found)

    def _position(self) -> int:
        at = SearchOffset.objects.using(MAIN).filter(id=ONLY).first()
        return at.position if at else 0

    def anew(self) -> None:
        """Forget everything; the next turns index from the beginning."""
        with transaction.atomic(using=MAIN):
            SearchToken.objects.all().delete()
            SearchRow.objects.all().delete()
            SearchOffset.objects.all().delete()

    def _write(self, said: list[tuple[str, int, tuple[tokens.Document, Place] | None]]) -> None:
        by_noun: dict[str, list[int]] = {}
        for noun, row, _document in said:
            by_noun.setdefault(noun, []).append(row)
        for noun, ids in by_noun.items():
            old = SearchRow.objects.filter(noun=noun, row__in=ids)
            SearchToken.objects.filter(found_id__in=old.values("id")).delete()
            old.delete()
        made, documents = [], []
        for noun, row, found in said:
            if found is not None:
                document, place = found
                made.append(SearchRow(noun=noun, row=row, scenario=place.scenario, path=place.path))
                documents.append(document)
        SearchRow.objects.bulk_create(made)
        hashes = [
            (self._hash(token), at.id)
            for at, document in zip(made, documents, strict=True)
            for token in sorted(tokens.of_document(document))
        ]
        with connections[MAIN].cursor() as cursor:  # as rows of models it takes ten times as long
            cursor.executemany(_NEW_TOKEN, hashes)
