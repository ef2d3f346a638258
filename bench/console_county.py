"""The demo county with a past, for `bench.console`: thirty real cases, then copies of the closed.

The cases are appended and projected as live (`case_mix`). The past is made of copies of the closed
ones with all that hangs on them, each a little further back, written by one statement a table:
the projector's own pace is measured in `bench.loop`.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, models, transaction

from bench import case_mix
from bihuan.base.ids import row_id
from bihuan.base.time import DAY_US, MovableClock, SystemClock, datetime_of
from bihuan.figures import cube
from bihuan.figures.models import CaseFact
from bihuan.figures.projectors import FOLLOWER
from bihuan.journal.append import Appender
from bihuan.journal.follow import catch_up_facts
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.loop.decide import decide_signal
from bihuan.loop.models import (
    Callee,
    Case,
    CaseClock,
    Delivery,
    DeliveryFact,
    Happening,
    Proof,
    Pursuit,
    Step,
)
from bihuan.register.acts import Registrar
from bihuan.register.entries import SignalReceived
from bihuan.register.models import Person, Post, Subject
from bihuan.wiring import demo

CLOSED, WAITING, IN_HAND = 12, 6, 12
APART = row_id(1_000_000)  # between the ids of one copy and of the next
PAST_US = 700 * DAY_US
HANGING = (CaseClock, Pursuit, Step, Callee, Delivery, DeliveryFact, Happening, Proof)
OWN = ("id", "case_id", "pursuit_id", "delivery_id")  # what names a row of the same copy


class Settled(NamedTuple):
    """What the measured pages are about. cookies, readers: of a session, by sign-in."""

    case_id: int
    subject_id: int
    cases: int
    subjects: int
    cookies: dict[str, str]
    readers: dict[str, str]


def settle(cases: int, subjects: int) -> Settled:
    """The county with that many cases and subjects; 18 cases are open."""
    folder = Path(os.environ["BIHUAN_DATA"])
    clock = MovableClock(datetime_of(SystemClock().now_us()) - timedelta(minutes=10))
    keys = KeyRing(folder / "keys.db")
    officials = demo.make(folder, clock, keys).officials
    post = Post.objects.get(person_id=officials["石桥村"], role="village_duty")
    elders = _elders(Registrar(clock, keys), post.area_id)
    open_case = _happen(clock, keys, elders)
    while catch_up_facts(FOLLOWER, 10_000):
        pass
    with transaction.atomic():
        _copy_cases(max(0, cases - Case.objects.count()))
        _copy_subjects(max(0, subjects - Subject.objects.count()))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE figures_layout SET parts = ''")  # the facts came past the follower
        cursor.execute("ANALYZE")
    cube.make_current()
    cookies = {name: _signed_in(name) for name in ("county", "village")}
    accounts = User.objects.filter(is_active=True, account__isnull=False).order_by("username")
    readers = {name: _signed_in(name) for name in accounts.values_list("username", flat=True)}
    counts = Case.objects.count(), Subject.objects.count()
    return Settled(open_case, elders[0], *counts, cookies, readers)


def _elders(registrar: Registrar, village: int) -> list[int]:
    """Thirty elders of the village whose secretary signs in as `village`, each with a daughter."""
    made = []
    for n in range(CLOSED + WAITING + IN_HAND):
        elder = registrar.person(f"老人{n}", f"Elder {n}", f"0990 4{n:03} 0000")
        made.append(registrar.subject("elder_care", "elder", elder, village, f"{n} 号"))
        kin = registrar.person(f"家属{n}", f"Kin {n}", f"0990 5{n:03} 0000", ["screen"])
        registrar.contact(made[-1], kin, "daughter", 0)
    return made


def _happen(clock: MovableClock, keys: KeyRing, elders: list[int]) -> int:
    """Twelve cases to their end, six that wait, twelve reported; one of these."""
    for n in range(CLOSED):
        clock.advance(seconds=1)
        with Appender(FACTS_LANE, clock) as lane:
            case_mix._case(lane, elders[n], keys, n)
    sealed = keys.seal(1, "在路上")
    for n, elder in enumerate(elders[CLOSED:]):
        clock.advance(seconds=2)
        with Appender(FACTS_LANE, clock) as lane:
            said = SignalReceived(
                kind="sos", subject_id=elder, device_id=None, at_us=None, detail=None
            )
            decide_signal(lane, lane.append(said))
            (case,) = lane.rows.where(Case, subject_id=elder)
            case_mix._ring(lane, case, "confirmed")
            if n >= WAITING:
                case_mix._handle(lane, case, sealed)
    return case.id


def _copy_cases(wanted: int) -> None:
    """Copies of the closed cases, spread over 700 days, until there are that many more."""
    closed = list(Case.objects.filter(state="closed").values_list("id", flat=True))
    rounds, rest = divmod(wanted, len(closed))
    for ids, times in ((closed[:rest], rounds + 1), (closed[rest:], rounds)):
        _copy(Case, "id", ids, times)
        _copy(CaseFact, "id", ids, times)
        for table in HANGING:
            _copy(table, "case_id", ids, times)


def _copy_subjects(wanted: int) -> None:
    """Copies of the elders: the same persons, so that their names open."""
    people = Person.objects.filter(id__in=Subject.objects.values("person_id"))
    ids = list(
        Subject.objects.filter(
            scenario="elder_care", kind="elder", person_id__in=people.values("id")
        ).values_list("id", flat=True)
    )
    rounds, rest = divmod(wanted, len(ids))
    for some, times in ((ids[:rest], rounds + 1), (ids[rest:], rounds)):
        _copy(Subject, "id", some, times)


def _copy(table: type[models.Model], by: str, ids: list[int], times: int) -> None:
    """`times` copies of the rows whose `by` is among the ids, each one further back in time."""
    if not ids or not times:
        return
    columns = [str(field.column) for field in table._meta.concrete_fields]
    quoted = [connection.ops.quote_name(column) for column in columns]
    said = ", ".join(_moved(column, PAST_US // times) for column in columns)
    named = ", ".join(str(one) for one in ids)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table._meta.db_table} ({', '.join(quoted)}) "
            f"WITH RECURSIVE turn(n) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT n + 1 FROM turn"
            f" WHERE n < {times}) "
            f"SELECT {said} FROM turn CROSS JOIN {table._meta.db_table} one"
            f" WHERE one.{by} IN ({named})"
        )


def _moved(column: str, back_us: int) -> str:
    quoted = f"one.{connection.ops.quote_name(column)}"
    if column in OWN:
        return f"{quoted} + turn.n * {APART}"
    return f"{quoted} - turn.n * {back_us}" if column.endswith("_us") else quoted


def _signed_in(username: str) -> str:
    """The cookie of a session of this sign-in."""
    user, session = User.objects.get(username=username), SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
