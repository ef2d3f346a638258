"""Signed heads: what each lane ended with, kept where the database's owner cannot rewrite it.

A line of JSON per signing, appended to `heads.jsonl` in the data folder and to a copy in every
folder of BIHUAN_HEADS_TO (another machine's share, a write-once medium):

    {"algorithm", "at", "county", "key", "lanes": {"0": [position, hash]}, "signature"}

The signature is Ed25519 over the line's other fields as JSON with sorted keys and no spaces.
Who holds the lines and the public key can check them without this installation.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from bihuan.base.errors import bad
from bihuan.base.time import HOUR_US, Clock, rfc3339
from bihuan.journal.county import opened
from bihuan.journal.models import Head
from bihuan.journal.storage import alias_of

FILE: Final = "heads.jsonl"
KEY_FILE: Final = "heads.key"
EVERY_US: Final = HOUR_US


class SignedHeads(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One signing. lanes: lane → (position, hash as hex)."""

    at: str
    county: str
    algorithm: str
    lanes: dict[str, tuple[int, str]]
    key: str
    signature: str


def is_due(now_us: int) -> bool:
    """Whether an hour has passed since the last signing (µs of recorded time)."""
    last = _last_line(settings.BIHUAN_DATA / FILE)
    return last is None or last.at <= rfc3339_second(now_us - EVERY_US)


def sign(clock: Clock) -> SignedHeads:
    """Sign the heads of now and append the line here and to every other place.

    A place that cannot be written raises after all others have the line.
    """
    key = _private_key(settings.BIHUAN_DATA / KEY_FILE)
    content = {
        "at": rfc3339_second(clock.now_us()),
        "county": opened().county,
        "algorithm": opened().algorithm,
        "lanes": _ends(),
        "key": key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex(),
    }
    content["signature"] = key.sign(_signed(content)).hex()
    line = _canonical(content) + b"\n"
    failed: list[str] = []
    for folder in (settings.BIHUAN_DATA, *map(Path, getattr(settings, "BIHUAN_HEADS_TO", ()))):
        try:
            _append(folder / FILE, line)
        except OSError as error:
            failed.append(f"{folder}: {error.strerror}")
    if failed:
        raise bad("BIHUAN_HEADS_TO", "; ".join(failed), "folders that can be written")
    return msgspec.json.decode(line, type=SignedHeads)


def rfc3339_second(at_us: int) -> str:
    """RFC 3339 to the second, so that lines sort by text."""
    return rfc3339(at_us // 1_000_000 * 1_000_000)


def read_heads(path: Path, public_key: str | None = None) -> Iterator[SignedHeads]:
    """Every line of a heads file, its signature checked; raises at the first forged line.

    public_key  hex; None: the key of this installation
    """
    wanted = public_key or own_public_key()
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(wanted))
    last: SignedHeads | None = None
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        heads = _read_line(line, number)
        content = {name: value for name, value in json.loads(line).items() if name != "signature"}
        try:
            key.verify(bytes.fromhex(heads.signature), _signed(content))
        except (InvalidSignature, ValueError):
            raise bad(f"heads line {number}", heads.signature, f"signed with {wanted}") from None
        if last is not None and (where := _goes_back(last, heads)) is not None:
            raise bad(f"heads line {number}", where, "lanes that only grow")
        yield heads
        last = heads


def marks(lines: Iterable[SignedHeads]) -> dict[int, dict[int, bytes]]:
    """lane → position → hash, as `verify(against=…)` takes it."""
    found: dict[int, dict[int, bytes]] = {}
    for heads in lines:
        for lane, (position, hash_) in heads.lanes.items():
            found.setdefault(int(lane), {})[position] = bytes.fromhex(hash_)
    return found


def own_public_key() -> str:
    """The public key of this installation, hex: to be kept where the lines are kept."""
    key = _private_key(settings.BIHUAN_DATA / KEY_FILE).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def _ends() -> dict[str, tuple[int, str]]:
    heads = [h for alias in {alias_of(0), alias_of(1)} for h in Head.objects.using(alias).all()]
    return {str(h.lane): (h.position, bytes(h.hash).hex()) for h in heads}


def _goes_back(last: SignedHeads, now: SignedHeads) -> str | None:
    for lane, (position, hash_) in last.lanes.items():
        later = now.lanes.get(lane)
        if later is None or later[0] < position or (later[0] == position and later[1] != hash_):
            return f"lane {lane} at {later[0] if later else 'nothing'}"
    return None


def _read_line(line: bytes, number: int) -> SignedHeads:
    try:
        return msgspec.json.decode(line, type=SignedHeads)
    except msgspec.DecodeError as error:
        raise bad(f"heads line {number}", error, "a line of signed heads") from None


def _canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _signed(content: dict[str, Any]) -> bytes:
    return b"bihuan heads v1\n" + _canonical(content)


def _append(path: Path, line: bytes) -> None:
    """Add a line, in place of one that a crash left half written."""
    whole = len(_whole_lines(path))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        os.ftruncate(descriptor, whole)
        os.lseek(descriptor, whole, os.SEEK_SET)
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _whole_lines(path: Path) -> bytes:
    content = path.read_bytes() if path.exists() else b""
    return content[: content.rfind(b"\n") + 1]


def _last_line(path: Path) -> SignedHeads | None:
    lines = _whole_lines(path).splitlines()
    return _read_line(lines[-1], len(lines)) if lines else None


def _private_key(path: Path) -> Ed25519PrivateKey:
    """The signing key; made at the first use, the first of several processes winning."""
    if not path.exists():
        fresh = path.with_name(f"{KEY_FILE}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(Ed25519PrivateKey.generate().private_bytes_raw())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
