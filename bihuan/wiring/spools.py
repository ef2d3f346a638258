"""Both ends of the handover as the settings have them: spools pulled from, and the spool alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from django.conf import settings

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import Clock
from bihuan.gateway.intake import Intake
from bihuan.gateway.spool.ends import End
from bihuan.gateway.spool.line import made_certificate, shared_key
from bihuan.gateway.spool.post_core import PostIntake
from bihuan.gateway.spool.pull import Pull
from bihuan.journal.keys import KeyRing

CERTIFICATE: Final = "handover.pem"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings ask for: spools to dial, where to be dialled, the shared key."""

    dialled: tuple[tuple[str, int], ...]
    at: tuple[str, int] | None
    key: bytes


@contextmanager
def pull_spools(clock: Clock, keys: KeyRing) -> Iterator[list[int]]:
    """Pull from the spools of the settings while this block runs; the ports listened at."""
    wanted = spools_wanted()
    if wanted is None:
        yield []
        return
    pull = Pull(partial(Intake, clock, keys), posts=partial(PostIntake, clock, keys))
    ends = [End(pull.session, wanted.key) for _ in wanted.dialled]
    for end, address in zip(ends, wanted.dialled, strict=True):
        end.dial(address)
    if wanted.at is not None:
        ends.append(End(pull.session, wanted.key))
        ends[-1].listen(wanted.at, made_certificate(settings.BIHUAN_DATA / CERTIFICATE))
    try:
        yield [end.port for end in ends if end.port]
    finally:
        for end in ends:
            end.stop()


def spools_wanted() -> Wanted | None:
    """What the settings ask for; raises BadInputError that names each variable at fault."""
    if not settings.BIHUAN_SPOOLS and not settings.BIHUAN_SPOOLS_AT:
        return None
    faults: list[Fault] = []
    found: list[tuple[str, int]] = []
    words = [("BIHUAN_SPOOLS", word) for word in settings.BIHUAN_SPOOLS.split(",") if word]
    if settings.BIHUAN_SPOOLS_AT:
        words.append(("BIHUAN_SPOOLS_AT", settings.BIHUAN_SPOOLS_AT))
    for name, word in words:
        try:
            found.append(host_and_port(name, word.strip()))
        except BadInputError as error:
            faults += error.faults
    key = b""
    try:
        key = shared_key(Path(settings.BIHUAN_SPOOL_KEY))
    except BadInputError as error:
        faults += error.faults
    if faults:
        raise BadInputError(*faults)
    at = found.pop() if settings.BIHUAN_SPOOLS_AT else None
    return Wanted(tuple(found), at, key)


def host_and_port(name: str, word: str) -> tuple[str, int]:
    """`host:port`, also `[::1]:port`; raises BadInputError naming `name`."""
    host, _, port = word.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise bad(name, word, "host:port")
    return host.strip("[]"), int(port)
