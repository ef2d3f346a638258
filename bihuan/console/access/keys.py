"""Keys of other systems: made by the security administrator, shown once, narrowed, and ended.

A key acts as a registered person, the integration's own, so its rights are that person's posts;
the key narrows them to scenarios, verbs and an area's subtree, and to a time. Of its secret only
a hash is kept: 256 random bits need no slow one.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

from django.utils.crypto import constant_time_compare

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import DAY_US, MINUTE_US
from bihuan.console.access.models import ApiSecret
from bihuan.console.accounts import Desk
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.storage import MAIN
from bihuan.loop.scenario import installed
from bihuan.register.accounts import entries
from bihuan.register.accounts.models import IntegrationKey
from bihuan.register.accounts.offices import must_be, office_of
from bihuan.register.models import Area, Person
from bihuan.register.rights import EVERY_SCENARIO, Rights, all_grants, for_user

READ: Final = "read"
CALL_OUT: Final = "call_out"
PRESS: Final = "press"  # confirm what the press says, bring published values, write bulletins
IMPORT: Final = "import"  # hand in sheets and publish them
MORE_VERBS: Final = frozenset(
    {READ, PRESS, IMPORT, "shift", "second", "swap_yes", "swap_no", "setup"}
)
EXCHANGE: Final = "exchange"  # never implied: a key for work orders says so
SEND_OUT: Final = "send_out"  # a case to another platform
UNSEAL: Final = "unseal"  # nor this
MOST_DAYS: Final = 400  # a year and the weeks in which somebody remembers it
_FORM = re.compile(r"bh_([a-z0-9]{10})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class Wanted:
    """What a key is to be good for. Empty scenarios or verbs: as far as the person's posts.

    scenarios  installed ones, and what belongs to none by its name (`register`, `call_out`, …)
    """

    name: str
    person_id: int
    days: int
    scenarios: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    area_id: int | None = None


@dataclass(frozen=True)
class Key:
    """A key at work. path: of its area, empty for the whole county."""

    id: int
    person_id: int
    name: str
    scenarios: frozenset[str] = field(default_factory=frozenset)
    verbs: frozenset[str] = field(default_factory=frozenset)
    path: str = ""

    def may(self, verb: str) -> bool:
        """Whether the key is good for reading, or for an act by its name."""
        return not self.verbs or verb in self.verbs

    def rights(self, now_us: int) -> Rights:
        """What the key may do: the person's rights, cut to its scenarios and its area."""
        return for_user(self.person_id, now_us).within(self.scenarios, self.path)


def make(wanted: Wanted, desk: Desk) -> str:
    """Make a key; its text is shown this once. Raises BadInputError with every fault."""
    must_be("security", desk.by)
    if faults := _faults(wanted):
        raise BadInputError(*faults)
    prefix = "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz23456789") for _n in range(10))
    secret = secrets.token_urlsafe(32)
    with Appender(FACTS_LANE, desk.clock) as lane:
        said = entries.ApiKeyMade(
            person_id=wanted.person_id,
            name=wanted.name,
            scenarios=wanted.scenarios,
            verbs=wanted.verbs,
            area_id=wanted.area_id,
            expires_us=lane.now_us + wanted.days * DAY_US,
            by=desk.by,
        )
        key_id = lane.append(said).id()
        ApiSecret.objects.create(key_id=key_id, prefix=prefix, hash=_hash(secret))
    return f"bh_{prefix}_{secret}"


def revoke(key_id: int, desk: Desk) -> None:
    """End a key at once. Again: nothing happens."""
    must_be("security", desk.by)
    with Appender(FACTS_LANE, desk.clock) as lane:
        row = lane.rows.get(IntegrationKey, key_id)
        if row is None:
            raise bad("key", key_id, "a key that was made")
        ApiSecret.objects.filter(key_id=key_id).delete()
        if not row.is_revoked:
            lane.append(entries.ApiKeyRevoked(key_id=key_id, by=desk.by))


def key_of(said: str, now_us: int) -> Key | None:
    """The key of a text that came as `Bearer`; None unless it is good now."""
    match = _FORM.fullmatch(said)
    if match is None:
        return None
    kept = ApiSecret.objects.filter(prefix=match[1]).first()
    if kept is None or not constant_time_compare(kept.hash, _hash(match[2])):
        return None
    if kept.used_us is None or now_us - kept.used_us >= MINUTE_US:
        ApiSecret.objects.filter(pk=kept.pk).update(used_us=now_us)
    return key_at(kept.key_id, now_us)


def key_at(key_id: int, now_us: int) -> Key | None:
    """A key by its id, as it is good at a time; None once it is over.

    Over too: of somebody who died, and of whoever was given an office since.
    """
    row = IntegrationKey.objects.using(MAIN).filter(id=key_id, is_revoked=False).first()
    if row is None or row.expires_us <= now_us or office_of(row.person_id):
        return None
    if Person.objects.using(MAIN).filter(id=row.person_id, died_us__isnull=False).exists():
        return None
    path = _path(row.area_id)
    if path is None:
        return None
    return Key(
        row.id,
        row.person_id,
        row.name,
        frozenset(json.loads(row.scenarios)),
        frozenset(json.loads(row.verbs)),
        path,
    )


def _path(area_id: int | None) -> str | None:
    """The area's path, empty for the whole county; None where the area is gone."""
    if area_id is None:
        return ""
    return Area.objects.using(MAIN).filter(id=area_id).values_list("path", flat=True).first()


def _faults(wanted: Wanted) -> list[Fault]:
    faults = []
    if not wanted.name.strip() or len(wanted.name) > 64:
        faults.append(Fault("name", wanted.name or "nothing", "1 to 64 characters"))
    if not 1 <= wanted.days <= MOST_DAYS:
        faults.append(Fault("days", str(wanted.days), f"1 to {MOST_DAYS}"))
    if not Person.objects.using(MAIN).filter(id=wanted.person_id).exists():
        faults.append(Fault("person_id", str(wanted.person_id), "a registered person"))
    if office_of(wanted.person_id):
        faults.append(Fault("person_id", str(wanted.person_id), "a person without an office"))
    if wanted.area_id is not None and _path(wanted.area_id) is None:
        faults.append(Fault("area_id", str(wanted.area_id), "a registered area"))
    scenarios = installed()
    named = {*scenarios, *(name for name, _role in all_grants())} - {EVERY_SCENARIO}
    faults += [
        Fault("scenarios", name, " or ".join(sorted(named)))
        for name in wanted.scenarios
        if name not in named
    ]
    verbs = {a.name for s in scenarios.values() for p in s.playbooks for a in p.acts}
    verbs |= {EXCHANGE, SEND_OUT, UNSEAL, CALL_OUT, *MORE_VERBS}
    faults += [
        Fault("verbs", verb, " or ".join(sorted(verbs)))
        for verb in wanted.verbs
        if verb not in verbs
    ]
    return faults


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
