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
from bihuan.loop.entries import CaseReported

MOST_BYTES = 10_000_000
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
    sealed = keys.seal_bytes(person_id, content)
    digest = hashlib.sha256(sealed).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{digest}.new"
    with fresh.open("wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / digest)
    return digest, kind


def fetch(folder: Path, digest: str, keys: KeyRing) -> bytes | None:
    """The photo, or None where its person is erased or the file is gone."""
    if len(digest) != 64 or not all(c in "0123456789abcdef" for c in digest):
        raise bad("digest", digest, "64 hex digits")
    path = folder / digest
    return keys.open_bytes(path.read_bytes()) if path.exists() else None


def named_at(position: int) -> set[str]:
    """Digests of the photos that the entry at this position of lane 0 names."""
    entry = Entry.objects.using(MAIN).get(lane=FACTS_LANE, position=position)
    said = decode(entry.type, bytes(entry.body)) if entry.body is not None else None
    if not isinstance(said, CaseReported):
        return set()
    return {one.digest for one in said.proof if one.digest is not None}


def discard(folder: Path, digest: str) -> None:
    """Remove a stored photo that nothing refers to; a second time changes nothing."""
    (folder / digest).unlink(missing_ok=True)
