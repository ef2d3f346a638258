"""Papers of a band, pressures by name, referrals, changes, places: what is owed, and who may."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import DAY_US, MINUTE_US
from bihuan.register.devices.acts import Devices
from bihuan.register.devices.models import Binding
from bihuan.register.models import Device, Subject
from bihuan.register.records import lists
from bihuan.register.records.acts import By, Ledger, Opening
from bihuan.register.records.models import DutyDue, Record
from bihuan.register.refusals import ForbiddenError
from bihuan.register.subjects.acts import NewSubject, Subjects
from tests.county import World, calls
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")


class Desk:
    """Who keeps the papers; each click is a new one."""

    def __init__(self, world: World) -> None:
        self.world, self.people = world, world.people
        self.ledger = Ledger(world.clock, world.keys)
        self._clicks = itertools.count()

    def by(self, person: int) -> By:
        return By(person, "page", str(next(self._clicks)))

    def kept(
        self, kind: str, values: Mapping[str, object], person: int, subject: int | None = None
    ) -> int:
        about = subject if subject is not None else self.people.subject
        new = Opening("elder_care", kind, values, subject_id=about)
        return self.ledger.open(new, self.by(person))

    def act(self, row: int, name: str, person: int, **values: object) -> None:
        self.ledger.act(row, name, values, self.by(person))

    def due(self, name: str, row: int | None = None) -> int | None:
        found = DutyDue.objects.filter(row_id=row or self.people.subject, duty=name).first()
        return None if found is None else found.due_us

    @property
    def now_us(self) -> int:
        return self.world.clock.now_us()


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def handed(desk: Desk) -> int:
    said = {"device": "1208178692", "handed": desk.now_us}
    return desk.kept("issue", said, desk.people.secretary)


def spare(desk: Desk, number: str = "9900000042") -> int:
    """An adopted band that nobody has."""
    return Devices(desk.world.clock, desk.world.keys).adopt(
        "watch", number, None, desk.by(desk.people.commander)
    )


def holder(device: int) -> int | None:
    return Device.objects.get(id=device).subject_id


def test_issue_binds_the_band_in_the_same_act_and_taking_it_back_ends_it(desk: Desk) -> None:
    people, start_us = desk.people, desk.now_us
    device = spare(desk)
    said = {"device": "9900000042", "handed": start_us - DAY_US}
    row = desk.kept("issue", said, people.secretary)
    assert holder(device) == people.subject
    (binding,) = Binding.objects.filter(device_id=device)
    assert (binding.issued_us, binding.by_id) == (start_us - DAY_US, people.secretary)
    desk.act(row, "take_back", people.secretary, cause="broken")
    assert holder(device) is None
    (binding,) = Binding.objects.filter(device_id=device)
    assert (binding.reason, binding.released_by) == ("broken", people.secretary)
    assert differences() == []


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"device": "9900000099"}, "device: got 9900000099, which is not adopted"),
        ({"device": "9900000042"}, "device: got 9900000042, which somebody has"),
        ({"handed": 1 << 60}, "handed"),
    ],
)
def test_issue_of_a_band_that_is_not_free_names_the_field_and_files_nothing(
    desk: Desk, said: dict[str, Any], field: str
) -> None:
    people = desk.people
    device, neighbour = spare(desk), desk.world.subject()
    devices = Devices(desk.world.clock, desk.world.keys)
    if field.endswith("has"):
        devices.bind(device, neighbour, desk.by(people.commander))
    whole = {"device": "9900000042", "handed": desk.now_us, **said}
    with pytest.raises(BadInputError, match=field):
        desk.kept("issue", whole, people.secretary)
    assert not Record.objects.filter(kind="issue").exists()
    assert holder(device) == (neighbour if field.endswith("has") else None)


def test_band_that_was_released_on_the_device_page_is_taken_back_all_the_same(desk: Desk) -> None:
    """And a later wearer keeps it: taking back an old paper frees nobody else's band."""
    people = desk.people
    device, neighbour = spare(desk), desk.world.subject()
    said = {"device": "9900000042", "handed": desk.now_us}
    row = desk.kept("issue", said, people.secretary)
    devices = Devices(desk.world.clock, desk.world.keys)
    devices.release(device, "other", desk.by(people.commander))
    devices.bind(device, neighbour, desk.by(people.commander))
    desk.act(row, "take_back", people.secretary, cause="returned")
    assert holder(device) == neighbour


def test_number_of_an_issued_band_is_never_corrected(desk: Desk) -> None:
    spare(desk)
    row = desk.kept("issue", {"device": "9900000042", "handed": desk.now_us}, desk.people.secretary)
    with pytest.raises(BadInputError, match="device"):
        desk.ledger.correct(row, {"device": "1208178692"}, desk.by(desk.people.secretary))


def test_who_wears_a_band_is_told_that_it_does_not_replace_120(desk: Desk) -> None:
    start_us = desk.now_us
    assert desk.due("tell") is None
    handed(desk)
    assert desk.due("tell") == start_us + 7 * DAY_US
    said = {"version": "2026-1", "signed": "2026-03-02", "signed_by": "family"}
    desk.kept("service_notice", {**said, "is_read_120": False}, desk.people.secretary)
    assert desk.due("tell") == start_us + 7 * DAY_US
    desk.kept("service_notice", {**said, "is_read_120": True}, desk.people.secretary)
    assert desk.due("tell") is None


def test_band_is_granted_on_an_assessment_of_this_elder_that_a_second_person_confirmed(
    desk: Desk,
) -> None:
    people = desk.people
    asked = desk.kept("application", {"asked_by": "family"}, people.daughter)
    found = {"on": "2026-03-02", "level": "mild"}
    other = Subjects(desk.world.clock, desk.world.keys).register(
        NewSubject("elder_care", "elder", people.village, person_id=people.stranger),
        desk.by(people.secretary),
    )
    for subject, want in ((None, "not confirmed"), (other, "of somebody else")):
        judged = desk.kept("assessment", found, people.secretary, subject)
        if subject is not None:
            desk.act(judged, "confirm", people.town_officer)
        with pytest.raises(BadInputError, match=want) as refused:
            desk.act(asked, "grant", people.town_officer, assessment=judged)
        assert [fault.field for fault in refused.value.faults] == ["assessment"]
    own = desk.kept("assessment", found, people.secretary)
    desk.act(own, "confirm", people.town_officer)
    desk.act(asked, "grant", people.town_officer, assessment=own)


def test_card_is_renewed_and_after_the_band_came_back_stopped(desk: Desk) -> None:
    people, start_us = desk.people, desk.now_us
    issue = handed(desk)
    said = {"iccid": "8986" + "0" * 15, "until": start_us + 365 * DAY_US}
    card = desk.kept("sim", said, people.secretary)
    assert desk.due("renew", card) == start_us + 335 * DAY_US
    assert desk.due("stop_sim") is None
    desk.world.wall.advance(days=10)
    desk.act(issue, "take_back", people.secretary, cause="death")
    assert desk.due("stop_sim") == desk.now_us + 7 * DAY_US
    with pytest.raises(ForbiddenError):
        desk.act(card, "stop", people.stranger, cause="death")
    desk.act(card, "stop", people.secretary, cause="death")
    assert (desk.due("stop_sim"), desk.due("renew", card)) == (None, None)
    assert differences() == []


@pytest.mark.parametrize("iccid", ["123", "8986" + "0" * 14, "8986" + "0" * 14 + "x"])
def test_card_number_that_is_none_is_refused(desk: Desk, iccid: str) -> None:
    with pytest.raises(BadInputError, match="iccid"):
        desk.kept("sim", {"iccid": iccid}, desk.people.secretary)


def test_major_change_asks_for_a_visit_within_a_day_whatever_the_level(desk: Desk) -> None:
    people, start_us = desk.people, desk.now_us
    desk.ledger.correct(people.subject, {"risk": "other"}, desk.by(people.secretary))
    assert desk.due("visit") == start_us + 90 * DAY_US
    desk.kept("change", {"since": start_us, "kind": "discharged"}, people.daughter)
    assert desk.due("visit") == start_us + DAY_US
    seen = {"seen": start_us + MINUTE_US, "way": "door"}
    desk.kept("visit", {**seen, "met": False}, people.secretary)
    assert desk.due("visit") == start_us + DAY_US, "a shut door is no visit"
    desk.kept("visit", {**seen, "met": True}, people.secretary)
    assert desk.due("visit") == start_us + MINUTE_US + 90 * DAY_US


def pressure(systolic: int, diastolic: int, *again: int) -> dict[str, Any]:
    said = {"identified": "staff", "systolic": systolic, "diastolic": diastolic}
    if again:
        said |= {"systolic_again": again[0], "diastolic_again": again[1]}
    return {**said, "taken": 1_772_409_600_000_000}


@pytest.mark.parametrize(
    ("values", "is_called"),
    [
        (pressure(180, 80), True),
        (pressure(120, 110), True),
        (pressure(179, 109), False),
        (pressure(190, 80, 150, 80), False),  # measured again: the first was an artefact
        (pressure(190, 80, 185, 80), True),
    ],
)
def test_cuff_pressure_at_the_referral_line_calls_family_and_village(
    desk: Desk, values: dict[str, Any], is_called: bool
) -> None:
    people = desk.people
    desk.kept("measurement", values, people.secretary)
    desk.world.settle()
    wanted = calls(people.daughter, people.secretary) if is_called else calls()
    assert desk.world.phones.take() == wanted
    assert differences() == []


def test_pressure_without_an_identity_is_nobody_s_and_is_refused(desk: Desk) -> None:
    values = pressure(190, 120)
    del values["identified"]
    with pytest.raises(BadInputError, match="identified"):
        desk.kept("measurement", values, desk.people.secretary)
    desk.world.settle()


def test_pressure_is_sealed_and_in_no_list(desk: Desk) -> None:
    row = desk.kept("measurement", pressure(150, 90), desk.people.secretary)
    assert "150" not in str(Record.objects.get(id=row).values)
    opened = lists.opened_row(row, desk.world.keys, desk.now_us)
    assert opened is not None
    assert opened["systolic"] == 150


@pytest.mark.parametrize("kind", ["measurement", "visit", "sim", "change", "referral", "handover"])
def test_stranger_files_nothing(desk: Desk, kind: str) -> None:
    with pytest.raises(ForbiddenError):
        desk.kept(kind, {}, desk.people.stranger)


def test_referral_is_followed_up_within_two_weeks(desk: Desk) -> None:
    people, start_us = desk.people, desk.now_us
    row = desk.kept("referral", {"sent": start_us, "to": "青禾县医院"}, people.secretary)
    assert desk.due("follow_up", row) == start_us + 14 * DAY_US
    desk.act(row, "follow_up", people.secretary, result="血压平稳")
    assert desk.due("follow_up", row) is None


def test_hand_over_to_120_is_followed_until_somebody_has_the_elder(desk: Desk) -> None:
    people, start_us = desk.people, desk.now_us
    said = {"called": start_us, "called_by": "family", "waits": "女儿在村口"}
    row = desk.kept("handover", said, people.daughter)
    assert desk.due("arrive", row) == start_us + 30 * MINUTE_US
    desk.act(row, "hand", people.daughter, arrived=start_us + 20 * MINUTE_US)
    assert desk.due("arrive", row) is None


def test_place_covers_what_it_serves_and_attendance_counts_persons_and_visits_apart(
    desk: Desk,
) -> None:
    people = desk.people
    subjects = Subjects(desk.world.clock, desk.world.keys)
    new = NewSubject(
        "elder_care", "place", people.village, name="柳溪照料中心", values={"sort": "care_centre"}
    )
    with pytest.raises(ForbiddenError):
        subjects.register(new, desk.by(people.stranger))
    place = subjects.register(new, desk.by(people.town_officer))
    cover = desk.kept("coverage", {"covers": people.village}, people.town_officer, place)
    subject = Subject.objects.get(id=place)
    assert lists.shown_row(subject, desk.now_us)["covers"] == 1
    desk.act(cover, "end", people.town_officer)
    assert lists.shown_row(subject, desk.now_us)["covers"] == 0
    came = {"on": "2026-03-02", "persons": 12, "times": 15}
    desk.kept("attendance", came, people.secretary, place)
    for bad in ({**came, "persons": -1}, {"on": "2026-03-02", "times": 3}):
        with pytest.raises(BadInputError, match="persons"):
            desk.kept("attendance", bad, people.secretary, place)


def heat(desk: Desk, person: int, **more: object) -> int:
    said = {"station": "青禾县气象台", "level": "orange", "issued": desk.now_us, "words": "原文"}
    new = Opening("elder_care", "heat_day", {**said, **more}, area_id=desk.people.county)
    return desk.ledger.open(new, desk.by(person))


def test_heat_is_the_station_s_alone_named_and_quoted(desk: Desk) -> None:
    people = desk.people
    with pytest.raises(ForbiddenError):
        heat(desk, people.secretary)
    with pytest.raises(BadInputError, match="station"):
        heat(desk, people.commander, station="")
    row = heat(desk, people.commander)
    with pytest.raises(ForbiddenError):
        desk.act(row, "lift", people.secretary)
    desk.act(row, "lift", people.commander, lifted_at=desk.now_us)
