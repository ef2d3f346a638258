"""Photos as proof: checked by content, sealed with the person's key, named by their digest."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from bihuan.base.errors import bad
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.payloads import decode
from bihuan.journal.storage import MAIN
from bihuan.loop.cases.entries import CaseMoved, DocumentAttached
from bihuan.loop.entries import CaseReported

MOST_BYTES = 10_000_000
MOST_ENTRIES = 64  # an act says far less
_KINDS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"RIFF": "image/webp",
}


def media_type_of(content: bytes) -> str:
    """What an image is by its first bytes; a name or a browser's word is not trusted."""
    for start, kind in _KINDS.items():
        if content.startswith(start) and (kind != "image/webp" or content[8:12] == b"WEBP"):
            return kind
    raise bad("photo", content[:8], "a JPEG, PNG or WebP image")


def store(folder: Path, person_id: int, content: bytes, keys: KeyRing) -> tuple[str, str]:
    """Keep a photo; (digest of the sealed file, media type). Durable when it returns."""
    if len(content) > MOST_BYTES:
        raise bad("photo", f"{len(content)} bytes", f"at most {MOST_BYTES}")
    kind = media_type_of(content)
    return _keep(folder, keys.seal_bytes(person_id, content)), kind


def store_document(folder: Path, person_id: int, content: bytes, keys: KeyRing) -> str:
    """Keep a file of any kind; the digest of the sealed file. Durable when it returns."""
    if not 0 < len(content) <= MOST_BYTES:
        raise bad("files", f"{len(content)} bytes", f"1 to {MOST_BYTES}")
    return _keep(folder, keys.seal_bytes(person_id, content))


def _keep(folder: Path, sealed: bytes) -> str:
    digest = hashlib.sha256(sealed).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{digest}.new"
    with fresh.open("wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / digest)
    return digest


def fetch(folder: Path, digest: str, keys: KeyRing) -> bytes | None:
    """The photo, or None where its person is erased or the file is gone."""
    if len(digest) != 64 or not all(c in "0123456789abcdef" for c in digest):
        raise bad("digest", digest, "64 hex digits")
    path = folder / digest
    return keys.open_bytes(path.read_bytes()) if path.exists() else None


def named_at(position: int) -> set[str]:
    """Digests of the photos and documents that the entry at this position of lane 0 names."""
    entry = Entry.objects.using(MAIN).get(lane=FACTS_LANE, position=position)
    return _named(decode(entry.type, bytes(entry.body)) if entry.body is not None else None)


def _named(said: object) -> set[str]:
    if isinstance(said, DocumentAttached):
        return {said.digest}
    if not isinstance(said, CaseReported | CaseMoved):
        return set()
    return {one.digest for one in said.proof if one.digest is not None}


def named_from(position: int, case_id: int) -> set[str]:
    """Digests that the act at this position of lane 0 names: one that attaches says several things.

    Read from the journal and not from the rows: of a parked case there are none yet.
    """
    lane = Entry.objects.using(MAIN).filter(lane=FACTS_LANE, position__gte=position)
    found: set[str] = set()
    for entry in lane.order_by("position")[:MOST_ENTRIES]:
        said = decode(entry.type, bytes(entry.body)) if entry.body is not None else None
        if getattr(said, "case_id", None) == case_id:
            found |= _named(said)
    return found


def discard(folder: Path, digest: str) -> None:
    """Remove a stored photo that nothing refers to; a second time changes nothing."""
    (folder / digest).unlink(missing_ok=True)
