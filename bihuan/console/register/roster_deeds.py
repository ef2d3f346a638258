"""What may be done with a roster: make it, give it a pattern, cover, swap, import, close.

Shifts are typed one a line, `夜班 20:00-08:00`, with `工作日` or `休息日` behind where it is not
every day; crews one a line, names apart by commas.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.ids import is_id
from bihuan.base.time import DAY_US
from bihuan.console.home import clock
from bihuan.console.register import wording
from bihuan.console.register.choosing import people as people_named
from bihuan.console.register.deeds import Deed
from bihuan.console.register.moments import midnight_us, today
from bihuan.console.register.rang import last_rang
from bihuan.console.register.reach import Reach, path_of
from bihuan.console.register.wording import word
from bihuan.journal.storage import MAIN
from bihuan.loop.scenario import installed
from bihuan.register.entries import Actor
from bihuan.register.records.acts import By
from bihuan.register.rosters.acts import Cover, Rosters
from bihuan.register.rosters.ical import from_ical
from bihuan.register.rosters.models import Roster, RosterPattern, Swap
from bihuan.register.rosters.pattern import Days, Pattern, Shift
from bihuan.register.scheme import Field

IMPORTED_US = 370 * DAY_US
_SHIFT = re.compile(r"(\S+)\s+(\d{1,2}:\d\d)\s*[-–~]\s*(\d{1,2}:\d\d)\s*(\S*)")
_APART = re.compile(r"[,，、;；]\s*")
DAYS: dict[str, Days] = {
    "": "every",
    **dict.fromkeys(wording.DAY_WORDS["every"], "every"),
    **dict.fromkeys(wording.DAY_WORDS["working"], "working"),
    **dict.fromkeys(wording.DAY_WORDS["off"], "off"),
}
SHIFTS = Field(
    name="shifts",
    title=("班次，一行一个", "Shifts, one a line"),
    kind="long_text",
    is_required=True,
    want=(
        "夜班 20:00-08:00 每天（或 工作日、休息日）",
        "Night 20:00-08:00 every (or working, off)",
    ),
)
CREWS = Field(
    name="crews",
    title=("轮班的人，一组一行", "Crews in turn, one a line"),
    kind="long_text",
    is_required=True,
    want=("姓名之间用顿号或逗号隔开", "Names apart by commas"),
)
PATTERN = (
    SHIFTS,
    CREWS,
    Field(
        name="anchor",
        title=("第一组从哪天轮起", "First crew's first day"),
        kind="date",
        is_required=True,
    ),
    Field(
        name="turn_days",
        title=("每组连值", "Days in a turn"),
        kind="integer",
        unit="d",
        at_least=1,
        at_most=366,
        is_required=True,
    ),
    Field(
        name="stagger",
        title=("同一天的班次由不同组轮", "Shifts of a day by different crews"),
        kind="yes_no",
        is_required=True,
    ),
    Field(name="since", title=("从何时起", "Since"), kind="time", is_required=True),
)
COVER = (
    Field(name="shift", title=("班次", "Shift"), kind="text", is_required=True),
    Field(name="from", title=("起", "From"), kind="time", is_required=True),
    Field(name="until", title=("止", "Until"), kind="time", is_required=True),
    Field(
        name="people",
        title=("谁来值（空 = 无人）", "Who (empty = nobody)"),
        kind="text",
        want=("姓名之间用顿号或逗号隔开", "Names apart by commas"),
    ),
    Field(name="reason", title=("原因", "Reason"), kind="text", is_required=True),
)
SWAP = (
    Field(
        name="at",
        title=("班次中的任一时刻", "Any moment of the shift"),
        kind="time",
        is_required=True,
    ),
    Field(name="taker", title=("换给谁", "To whom"), kind="party", of="person", is_required=True),
)
CLOSE = (
    Field(name="since", title=("从何时起", "Since"), kind="time", is_required=True),
    Field(name="reason", title=("原因", "Reason"), kind="text", is_required=True),
)
CALENDAR = (
    Field(name="calendar", title=("日历文件（.ics）", "Calendar file (.ics)"), kind="photo"),
)


def making(reach: Reach) -> Deed:
    """Making a roster for an area of this person's."""
    roles = sorted({role for one in installed().values() for role in one.roles} - {"family"})
    titles = {role: title for one in installed().values() for role, title in one.roles.items()}
    fields = (
        Field(name="title", title=("名称", "Title"), kind="text", is_required=True),
        Field(
            name="role",
            title=("岗位", "Role"),
            kind="choice",
            choices=tuple((role, titles[role]) for role in roles),
            is_required=True,
        ),
        Field(name="area", title=("区域", "Area"), kind="area", is_required=True),
        Field(
            name="waking",
            title=("夜间叫应（号码要响得通）", "Waking (numbers must ring)"),
            kind="yes_no",
            is_required=True,
        ),
    )

    def make(_by: By, said: dict[str, Any]) -> int:
        by = reach.actor(path_of(said["area"]), "act")
        return _rosters().make(
            said["title"], said["role"], said["area"], is_waking=said["waking"], by=by
        )

    return Deed(
        "make",
        ("建值班表", "Make a roster"),
        make,
        fields,
        held={"waking": True},
        icon="calendar",
        is_main=True,
        leads_to="/rosters/{}/",
    )


def roster_deeds(reach: Reach, roster: Roster) -> list[Deed]:
    """What this person may do with a roster: keepers all, whoever is on it swaps."""
    path = path_of(roster.area_id)
    if roster.closed_us is not None and roster.closed_us <= reach.now_us:
        return []
    found = [*_answers(reach, roster), _swapping(reach, roster)]
    if reach.may_keep(path, "act"):
        by = reach.actor(path, "act")
        found = [*found[:-1], *_kept(reach, roster, by), found[-1]]
    return found


def _kept(reach: Reach, roster: Roster, by: Actor) -> list[Deed]:
    acts = _rosters()

    def follow(_by: By, said: dict[str, Any]) -> int:
        return acts.follow(roster.id, pattern_of(reach, said), said["since"], by)

    def cover(_by: By, said: dict[str, Any]) -> int:
        people = _people(reach, "people", said["people"] or "")
        one = Cover(said["shift"], said["from"], said["until"], people, said["reason"])
        return acts.override(roster.id, one, by)

    def bring(_by: By, said: dict[str, Any]) -> None:
        imported(reach, roster, said["calendar"], by)

    now = reach.now_us
    is_first = not RosterPattern.objects.using(MAIN).filter(roster_id=roster.id).exists()
    begins = midnight_us(today(now)) if is_first else now
    return [
        Deed(
            "follow",
            ("排班规律", "Pattern"),
            follow,
            PATTERN,
            icon="calendar",
            is_main=True,
            held={"anchor": str(today(now)), "turn_days": 1, "stagger": True, "since": begins},
        ),
        Deed(
            "cover", ("替班、调整", "Cover a shift"), cover, COVER, icon="users", held={"from": now}
        ),
        Deed(
            "import",
            ("导入日历", "Import a calendar"),
            bring,
            CALENDAR,
            icon="file-text",
            accept="text/calendar,.ics",
        ),
        _closing(roster, by, now),
    ]


def _closing(roster: Roster, by: Actor, now_us: int) -> Deed:
    def close(_by: By, said: dict[str, Any]) -> int:
        return _rosters().close(roster.id, said["since"], said["reason"], by)

    return Deed(
        "close",
        ("停用这张表", "Close the roster"),
        close,
        CLOSE,
        icon="circle-slash",
        held={"since": now_us},
    )


def _swapping(reach: Reach, roster: Roster) -> Deed:
    def ask(_by: By, said: dict[str, Any]) -> int:
        by = Actor(person_id=reach.person_id, role="", via="page")
        return _rosters().ask_swap(roster.id, said["at"], reach.person_id, said["taker"], by)

    return Deed(
        "swap",
        ("请人换班", "Ask for a swap"),
        ask,
        SWAP,
        icon="rotate-ccw",
        held={"at": reach.now_us},
    )


def _answers(reach: Reach, roster: Roster) -> list[Deed]:
    """Yes and no to every swap that this person was asked for."""
    asked = Swap.objects.using(MAIN).filter(
        roster_id=roster.id, taker_id=reach.person_id, state="asked"
    )
    found = []
    for swap in asked.order_by("id"):
        for name, title, is_yes in (
            ("accept", ("同意换班", "Accept the swap"), True),
            ("decline", ("不同意换班", "Decline the swap"), False),
        ):

            def answer(
                _by: By, _said: dict[str, Any], at: int = swap.id, yes: bool = is_yes
            ) -> int:
                return _rosters().answer_swap(at, reach.person_id, is_accepted=yes)

            icon = "circle-check" if is_yes else "circle-slash"
            found.append(
                Deed(f"{name}-{swap.id}", title, answer, icon=icon, is_main=is_yes, note=swap.shift)
            )
    return found


def pattern_of(reach: Reach, said: dict[str, Any]) -> Pattern:
    """The pattern that a form says. Raises BadInputError with every line that cannot be read."""
    faults: list[Fault] = []
    found = []
    for n, line in enumerate(_lines(said["shifts"]), start=1):
        match = _SHIFT.fullmatch(line)
        if match is None or match[4].lower() not in DAYS:
            faults.append(Fault(f"shifts.{n}", line, word(SHIFTS.want or ("", ""))))
            continue
        from_, until = (f"{clock_:0>5}" for clock_ in (match[2], match[3]))
        found.append(Shift(name=match[1], from_=from_, until=until, days=DAYS[match[4].lower()]))
    crews = []
    for n, line in enumerate(_lines(said["crews"]), start=1):
        try:
            crews.append(_people(reach, f"crews.{n}", line))
        except BadInputError as error:
            faults += error.faults
    if faults:
        raise BadInputError(*faults)
    return Pattern(
        shifts=tuple(found),
        crews=tuple(crews),
        anchor=date.fromisoformat(said["anchor"]),
        turn_days=said["turn_days"],
        stagger=said["stagger"],
    )


def imported(reach: Reach, roster: Roster, content: bytes, by: Actor) -> int:
    """Take in a calendar's events as exceptions; how many are new, and nothing if one is wrong."""
    between = (reach.now_us, reach.now_us + IMPORTED_US)

    def person_of(name: str) -> int | None:
        found = people_named(reach, name)
        return found[0][0] if len(found) == 1 else None

    read = from_ical(content, between, person_of)
    if read.faults or not read.covers:
        nothing = Fault("calendar", "no event", "events within the next year")
        raise BadInputError(
            *(Fault("calendar", f"{f.field}: {f.got}", f.want) for f in read.faults),
            *(() if read.faults else (nothing,)),
        )
    return _rosters().override_all(roster.id, read.covers, by, "import")


def _people(reach: Reach, field: str, text: str) -> tuple[int, ...]:
    """The people of a line of names. Raises BadInputError with every name that is not one's."""
    found, faults = [], []
    for name in (part.strip() for part in _APART.split(text)):
        if not name:
            continue
        named = [(int(name), name)] if is_id(name) else people_named(reach, name)
        exact = [one for one in named if one[1] == name] or named
        if len(exact) == 1:
            found.append(exact[0][0])
        else:
            want = word(("一个登记过的人", "one registered person"))
            faults.append(Fault(field, f"{name} ({len(exact)})", want))
    if faults:
        raise BadInputError(*faults)
    return tuple(dict.fromkeys(found))


def _lines(text: str) -> list[str]:
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not found:
        raise bad("lines", "nothing", "at least one line")
    return found


def _rosters() -> Rosters:
    return Rosters(clock(), last_rang)
