"""Rosters: who is on duty by pattern, override and swap; expected times worked out by hand."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import CHINA, DAY_US, HOUR_US, MovableClock, us_of
from bihuan.journal import county as journal_county
from bihuan.journal.keys import KeyRing
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.acts import Registrar
from bihuan.register.parties.acts import PartyActs
from bihuan.register.rosters.acts import (
    Cover,
    NotAskedError,
    Rosters,
    RosterTakenError,
)
from bihuan.register.rosters.ical import from_ical, to_ical
from bihuan.register.rosters.models import Roster, Swap
from bihuan.register.rosters.on_duty import gaps, on_duty, shifts
from bihuan.register.rosters.pattern import Pattern, Shift
from tests.rebuilt import differences

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]
NIGHT = Shift(name="夜班", from_="20:00", until="08:00")
DAY = Shift(name="白班", from_="08:00", until="20:00")


def at(text: str) -> int:
    return us_of(datetime.fromisoformat(text).replace(tzinfo=CHINA))


class Village:
    """A village with three people whose numbers rang yesterday, and one whose never did."""

    def __init__(self, clock: MovableClock, keys: KeyRing) -> None:
        journal_county.create("青禾县", clock, lanes=4)
        self.clock = clock
        registrar = Registrar(clock, keys)
        self.area = registrar.area("330402", ("柳溪村", "Liuxi"), "village", None)
        self.a, self.b, self.c, self.mute = (
            registrar.person(name, name, None) for name in ("甲", "乙", "丙", "丁")
        )
        self.rang = dict.fromkeys((self.a, self.b, self.c), clock.now_us() - DAY_US)
        self.rosters = Rosters(clock, lambda _rows, person: self.rang.get(person))
        self.roster = self.rosters.make("村值班", "village_duty", self.area, is_waking=True)

    def follow(self, *shifts_: Shift, from_: str = "2026-03-02T00:00", turn_days: int = 1) -> int:
        pattern = Pattern(
            shifts=shifts_,
            crews=((self.a,), (self.b,), (self.c,)),
            anchor=date(2026, 3, 2),
            turn_days=turn_days,
        )
        return self.rosters.follow(self.roster, pattern, at(from_))

    def who(self, when: str) -> list[int]:
        return on_duty(Rows(MAIN), self.area, "village_duty", at(when))

    @property
    def row(self) -> Roster:
        return Roster.objects.get(id=self.roster)


@pytest.fixture
def village(data: object, clock: MovableClock, keys: KeyRing) -> Village:
    """The clock stands at 2026-03-02 08:00 +08:00 (conftest)."""
    return Village(clock, keys)


def test_night_shift_lasts_past_midnight(village: Village) -> None:
    village.follow(NIGHT)
    assert village.who("2026-03-02T19:59") == []
    assert village.who("2026-03-02T20:00") == [village.a]
    assert village.who("2026-03-03T07:59") == [village.a]
    assert village.who("2026-03-03T08:00") == []
    assert village.who("2026-03-03T20:00") == [village.b]
    assert village.who("2026-03-05T20:00") == [village.a], "three crews: every third night"


def test_second_shift_of_a_day_is_taken_by_the_next_crew(village: Village) -> None:
    village.follow(DAY, NIGHT)
    assert village.who("2026-03-03T10:00") == [village.b]
    assert village.who("2026-03-03T22:00") == [village.c]


def test_weekly_turn_changes_on_the_anchor_s_weekday(village: Village) -> None:
    """2026-03-02 is a Monday."""
    village.follow(NIGHT, turn_days=7)
    assert village.who("2026-03-08T22:00") == [village.a]
    assert village.who("2026-03-09T22:00") == [village.b]


def test_shift_of_days_off_knows_make_up_days(village: Village) -> None:
    """Saturday 2026-05-09 is worked for Labour Day; Saturday 2026-05-16 is off."""
    village.follow(Shift(name="休息日班", from_="08:00", until="18:00", days="off"))
    assert village.who("2026-05-09T10:00") == []
    assert len(village.who("2026-05-16T10:00")) == 1


def test_override_cuts_the_slot_that_it_covers_in_part(village: Village) -> None:
    village.follow(NIGHT)
    cover = Cover("夜班", at("2026-03-02T22:00"), at("2026-03-03T02:00"), (village.c,), "孩子发烧")
    village.rosters.override(village.roster, cover)
    assert [village.who(f"2026-03-0{d}") for d in ("2T21:59", "2T22:00", "3T01:59", "3T02:00")] == [
        [village.a],
        [village.c],
        [village.c],
        [village.a],
    ]


def test_later_override_stands_over_an_earlier_one(village: Village) -> None:
    village.follow(NIGHT)
    times = (at("2026-03-02T20:00"), at("2026-03-03T08:00"))
    village.rosters.override(village.roster, Cover("夜班", *times, (village.b,), "one"))
    village.rosters.override(village.roster, Cover("夜班", *times, (village.c,), "two"))
    assert village.who("2026-03-02T23:00") == [village.c]


def test_cancelled_shift_is_a_gap(village: Village) -> None:
    village.follow(NIGHT)
    times = (at("2026-03-02T20:00"), at("2026-03-03T08:00"))
    village.rosters.override(village.roster, Cover("夜班", *times, (), "停班"))
    found = gaps(Rows(MAIN), village.row, (at("2026-03-02T08:00"), at("2026-03-04T08:00")))
    assert [(gap.from_us, gap.until_us) for gap in found] == [times]


def test_roster_without_a_pattern_is_one_gap(village: Village) -> None:
    between = (at("2026-03-02T08:00"), at("2026-03-03T08:00"))
    assert [(g.from_us, g.until_us) for g in gaps(Rows(MAIN), village.row, between)] == [between]


def test_new_pattern_leaves_the_past_as_it_was(village: Village) -> None:
    village.follow(NIGHT)
    village.clock.advance(days=7)
    with pytest.raises(BadInputError, match="from_us"):
        village.follow(DAY, from_="2026-03-03T00:00")
    village.follow(DAY, from_="2026-03-10T00:00")
    assert village.who("2026-03-03T22:00") == [village.b]
    assert village.who("2026-03-10T22:00") == []
    assert village.who("2026-03-10T10:00") != []
    assert village.who("2026-03-10T07:00") != [], "a night that began under the old pattern lasts"


def test_place_on_a_waking_roster_needs_a_number_that_rang_within_30_days(
    village: Village,
) -> None:
    crews = ((village.a,), (village.mute,))
    pattern = Pattern(shifts=(NIGHT,), crews=crews, anchor=date(2026, 3, 2))
    with pytest.raises(BadInputError) as told:
        village.rosters.follow(village.roster, pattern, at("2026-03-02T00:00"))
    assert [f.field for f in told.value.faults] == [f"person {village.mute}"]
    village.rang[village.mute] = village.clock.now_us() - 30 * DAY_US
    village.rosters.follow(village.roster, pattern, at("2026-03-02T00:00"))
    village.clock.advance(seconds=1)
    cover = Cover("夜班", at("2026-03-03T20:00"), at("2026-03-04T08:00"), (village.mute,), "x")
    with pytest.raises(BadInputError, match="within 30 days"):
        village.rosters.override(village.roster, cover)


def test_swap_changes_nothing_until_the_taker_says_yes(village: Village) -> None:
    village.follow(NIGHT)
    tonight = at("2026-03-02T22:00")
    swap = village.rosters.ask_swap(village.roster, tonight, village.a, village.b)
    assert village.who("2026-03-02T22:00") == [village.a]
    with pytest.raises(NotAskedError):
        village.rosters.answer_swap(swap, village.c, is_accepted=True)
    village.rosters.answer_swap(swap, village.b, is_accepted=True)
    assert village.who("2026-03-02T22:00") == [village.b]
    with pytest.raises(RosterTakenError):
        village.rosters.answer_swap(swap, village.b, is_accepted=True)


def test_swap_declined_leaves_the_giver_on_duty(village: Village) -> None:
    village.follow(NIGHT)
    tonight = at("2026-03-02T22:00")
    swap = village.rosters.ask_swap(village.roster, tonight, village.a, village.b)
    village.rosters.answer_swap(swap, village.b, is_accepted=False)
    assert village.who("2026-03-02T22:00") == [village.a]
    assert Swap.objects.get(id=swap).state == "declined"


def test_swap_asked_by_somebody_not_on_duty_is_refused(village: Village) -> None:
    village.follow(NIGHT)
    with pytest.raises(BadInputError, match="giver_id"):
        village.rosters.ask_swap(village.roster, at("2026-03-02T22:00"), village.b, village.c)


def test_closed_roster_has_nobody(village: Village) -> None:
    village.follow(NIGHT)
    village.rosters.close(village.roster, at("2026-03-04T00:00"), "并入镇值班")
    assert village.who("2026-03-03T22:00") == [village.b]
    assert village.who("2026-03-04T01:00") == []


def test_pattern_of_wrong_fields_names_each(village: Village) -> None:
    wrong = Pattern(
        shifts=(Shift(name="", from_="8:00", until="24:00"),),
        crews=((village.a, village.a),),
        anchor=date(2026, 3, 2),
        turn_days=0,
    )
    with pytest.raises(BadInputError) as told:
        village.rosters.follow(village.roster, wrong, at("2026-03-02T00:00"))
    assert {fault.field for fault in told.value.faults} == {
        "shifts.0.name",
        "shifts.0.from",
        "shifts.0.until",
        "crews.0",
        "turn_days",
    }


def test_calendar_written_and_read_again_gives_the_same_shifts(village: Village) -> None:
    village.follow(DAY, NIGHT)
    between = (at("2026-03-03T00:00"), at("2026-03-05T00:00"))
    slots = shifts(Rows(MAIN), village.row, between)
    names = {village.a: "甲", village.b: "乙", village.c: "丙"}
    written = to_ical(
        village.row, slots, names.__getitem__, mark="演示 ", now_us=village.clock.now_us()
    )
    assert "SUMMARY:演示 村值班 夜班 乙" in written.decode()
    read = from_ical(written, between, lambda _name: None)
    assert read.faults == ()
    assert [(c.from_us, c.until_us, c.shift, c.people) for c in read.covers] == [
        (s.from_us, s.until_us, s.shift, s.people) for s in slots
    ]


REPEATING = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//
BEGIN:VEVENT
UID:1
DTSTAMP:20260301T000000Z
DTSTART;TZID=Asia/Shanghai:20260303T200000
DTEND;TZID=Asia/Shanghai:20260304T080000
RRULE:FREQ=DAILY;COUNT=3
CATEGORIES:夜班
SUMMARY:夜班
ATTENDEE;CN=乙:mailto:b@example.org
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTAMP:20260301T000000Z
DTSTART;VALUE=DATE:20260304
SUMMARY:开会
ATTENDEE;CN=某人:mailto:x@example.org
END:VEVENT
END:VCALENDAR
"""


def test_calendar_of_others_is_spelled_out_and_its_faults_are_named(village: Village) -> None:
    content = REPEATING.replace("\n", "\r\n").encode()
    between = (at("2026-03-02T00:00"), at("2026-03-31T00:00"))
    read = from_ical(content, between, {"乙": village.b}.get)
    assert [(c.from_us, c.until_us) for c in read.covers] == [
        (at(f"2026-03-0{day}T20:00"), at(f"2026-03-0{day}T20:00") + 12 * HOUR_US)
        for day in (3, 4, 5)
    ]
    assert {fault.got for fault in read.faults} == {"某人", "a whole day"}


def test_what_is_no_calendar_is_refused() -> None:
    with pytest.raises(BadInputError, match="calendar"):
        from_ical(b"nothing of the kind", (0, DAY_US), lambda _name: None)


def test_rosters_are_the_same_after_a_rebuild(village: Village) -> None:
    village.follow(DAY, NIGHT)
    times = (at("2026-03-02T20:00"), at("2026-03-03T08:00"))
    village.rosters.override(village.roster, Cover("夜班", *times, (village.b,), "one"))
    swap = village.rosters.ask_swap(village.roster, at("2026-03-02T10:00"), village.a, village.c)
    village.rosters.answer_swap(swap, village.c, is_accepted=True)
    assert differences() == []


def calendar_of(*lines: str) -> bytes:
    """A calendar with one event, 2026-03-03 20:00 to 08:00 where the lines say nothing else."""
    said = {line.split(":")[0].split(";")[0] for line in lines}
    usual = {
        "DTSTART": "DTSTART:20260303T120000Z",
        "DTEND": "DTEND:20260304T000000Z",
        "CATEGORIES": "CATEGORIES:夜班",
        "ATTENDEE": "ATTENDEE;CN=乙:mailto:b@example.org",
    }
    event = [*lines, *(line for name, line in usual.items() if name not in said)]
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//", "BEGIN:VEVENT", "UID:1"]
    written = [*head, "DTSTAMP:20260301T000000Z", *event, "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(written).encode()


WEEK = (at("2026-03-03T00:00"), at("2026-03-10T00:00"))


@pytest.mark.parametrize(
    ("line", "field", "got"),
    [
        ("RRULE:FREQ=DAILY;INTERVAL=0", "rrule.interval", "[0]"),
        ("RRULE:FREQ=SECONDLY;COUNT=60000", "rrule.freq", "SECONDLY"),
        ("DTEND:20260303T110000Z", "dtend", "2026-03-03 11:00:00+00:00"),
        ("DTSTART:00010101T120000Z", "dtstart", "0001-01-01 12:00:00+00:00"),
        ("DTSTART:20260303T120000Z\r\nDTSTART:20260303T130000Z", "dtstart", "more than one"),
        ("DTSTART:20260303T200000", "dtstart", "2026-03-03 20:00:00"),
        ("X-BIHUAN-PERSON:²", "x-bihuan-person", "²"),
        ("X-BIHUAN-PERSON:abc", "x-bihuan-person", "abc"),
    ],
)
def test_event_that_cannot_be_taken_in_is_told_by_field(line: str, field: str, got: str) -> None:
    read = from_ical(calendar_of(line), WEEK, {"乙": 7}.get)
    assert read.covers == ()
    told = read.faults[0]
    assert (told.field.split(".", 1)[1], told.got) == (field, got)


def test_event_that_was_called_off_is_left_out() -> None:
    assert from_ical(calendar_of("STATUS:CANCELLED"), WEEK, {"乙": 7}.get) == ((), ())


def test_event_may_say_how_long_instead_of_until_when() -> None:
    content = calendar_of("DURATION:PT12H").replace(b"DTEND:20260304T000000Z\r\n", b"")
    (cover,) = from_ical(content, WEEK, {"乙": 7}.get).covers
    assert cover.until_us - cover.from_us == 12 * HOUR_US


def test_exceptions_come_all_or_none_and_a_rerun_adds_nothing(village: Village) -> None:
    night = (at("2026-03-03T20:00"), at("2026-03-04T08:00"))
    good = Cover("夜班", *night, (village.b,), "iCalendar")
    mute = Cover("夜班", night[0] + DAY_US, night[1] + DAY_US, (village.mute,), "iCalendar")
    with pytest.raises(BadInputError, match="never rang"):
        village.rosters.override_all(village.roster, [good, mute], None, "import")
    assert village.who("2026-03-03T22:00") == []
    assert village.rosters.override_all(village.roster, [good], None, "import") == 1
    assert village.rosters.override_all(village.roster, [good], None, "import") == 0
    assert village.who("2026-03-03T22:00") == [village.b]


def test_the_dead_have_no_shift(village: Village, keys: KeyRing) -> None:
    PartyActs(village.clock, keys).died(village.b, village.clock.now_us())
    night = (at("2026-03-03T20:00"), at("2026-03-04T08:00"))
    with pytest.raises(BadInputError, match="who lives"):
        village.rosters.override(village.roster, Cover("夜班", *night, (village.b,), "covers"))


def test_shift_of_the_dead_is_a_gap_that_is_told(village: Village, keys: KeyRing) -> None:
    village.follow(NIGHT)
    between = (at("2026-03-02T20:00"), at("2026-03-06T08:00"))
    assert gaps(Rows(MAIN), village.row, between) == []
    theirs = [s for s in shifts(Rows(MAIN), village.row, between) if s.people == (village.b,)]
    assert theirs
    PartyActs(village.clock, keys).died(village.b, village.clock.now_us())
    told = [(gap.from_us, gap.until_us) for gap in gaps(Rows(MAIN), village.row, between)]
    assert told == [(slot.from_us, slot.until_us) for slot in theirs]
    PartyActs(village.clock, keys).lives(village.b)
    assert gaps(Rows(MAIN), village.row, between) == []


def test_swap_answered_late_does_not_rewrite_the_hours_before(village: Village) -> None:
    village.follow(NIGHT)
    asked = village.rosters.ask_swap(village.roster, at("2026-03-02T21:00"), village.a, village.c)
    village.clock.advance(hours=16)  # midnight: the giver has had four hours of it
    village.rosters.answer_swap(asked, village.c, is_accepted=True)
    assert village.who("2026-03-02T22:00") == [village.a]
    assert village.who("2026-03-03T01:00") == [village.c]


def test_swap_answered_after_the_shift_is_refused(village: Village) -> None:
    village.follow(NIGHT)
    asked = village.rosters.ask_swap(village.roster, at("2026-03-02T21:00"), village.a, village.c)
    village.clock.advance(hours=25)
    with pytest.raises(RosterTakenError):
        village.rosters.answer_swap(asked, village.c, is_accepted=True)
    assert village.who("2026-03-02T22:00") == [village.a]
