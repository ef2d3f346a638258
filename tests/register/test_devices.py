"""Devices: adopted, given out, taken back; heard or silent; whose they were when."""

from __future__ import annotations

from datetime import date

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import HOUR_US, MINUTE_US
from bihuan.journal.readings import NewReading, append_readings
from bihuan.journal.rebuild import check
from bihuan.register.devices.acts import Devices, device_rows, is_calibrated, unknown, whose
from bihuan.register.devices.health import NEVER, Health, follow, health_of
from bihuan.register.devices.models import Binding, Sim
from bihuan.register.entries import FrameRefused
from bihuan.register.models import Device
from bihuan.register.refusals import TakenError
from tests.register.conftest import Kitchen

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def devices(kitchen: Kitchen) -> Devices:
    return Devices(kitchen.world.clock, kitchen.keys)


def refused(kitchen: Kitchen, number: str) -> None:
    said = FrameRefused(protocol="watch", device=number, raw=b"x", faults=[])
    kitchen.world.add(said)


def hear(kitchen: Kitchen, device: int, channel: str, value: float, ago_us: int = 0) -> None:
    row = Device.objects.get(id=device)
    at_us = kitchen.now_us
    reading = NewReading(
        subject=row.subject_id,
        device=device,
        binding=row.binding_id,
        channel=channel,
        unit="%",
        event_us=at_us - ago_us,
        value=value,
        quality=0,
        arrival_us=at_us,
    )
    append_readings([reading], seen0=1, clock=kitchen.world.clock)


def test_what_is_heard_and_not_adopted_is_listed(kitchen: Kitchen, devices: Devices) -> None:
    refused(kitchen, "111")
    kitchen.world.wall.advance(minutes=1)
    refused(kitchen, "222")
    refused(kitchen, "222")
    assert [(h.number, h.frames, h.last_us) for h in unknown()] == [
        ("222", 2, kitchen.now_us),
        ("111", 1, kitchen.now_us - MINUTE_US),
    ]
    devices.adopt("watch", "222", None, kitchen.by(None))
    assert [h.number for h in unknown()] == ["111"]
    with pytest.raises(BadInputError):
        devices.adopt("watch", "222", None, kitchen.by(None))


def test_a_device_is_given_out_and_taken_back(kitchen: Kitchen, devices: Devices) -> None:
    device = devices.adopt("probe", "P-1", "core probe", kitchen.by(None, "a"))
    assert devices.adopt("probe", "P-1", "core probe", kitchen.by(None, "a")) == device
    start_us = kitchen.now_us
    kitchen.world.wall.advance(hours=2)
    handed_us = start_us + HOUR_US  # noted an hour after it was handed over
    binding = devices.bind(device, kitchen.unit, kitchen.by(kitchen.manager), handed_us)
    assert Device.objects.get(id=device).binding_id == binding
    with pytest.raises(BadInputError):
        devices.bind(device, kitchen.world.people.subject, kitchen.by(None))
    kitchen.world.wall.advance(hours=2)
    with pytest.raises(BadInputError):
        devices.release(device, "stolen", kitchen.by(None))  # type: ignore[arg-type]
    devices.release(device, "broken", kitchen.by(kitchen.manager), start_us + 3 * HOUR_US)
    held = Binding.objects.get(id=binding)
    assert (held.from_us, held.until_us) == (start_us + 2 * HOUR_US, start_us + 4 * HOUR_US)
    assert (held.reason, held.by_id, held.released_by) == (
        "broken",
        kitchen.manager,
        kitchen.manager,
    )
    assert Device.objects.get(id=device).subject_id is None
    with pytest.raises(TakenError):
        devices.release(device, "broken", kitchen.by(None))
    by_hour = [whose(device, start_us + hour * HOUR_US) for hour in (0, 1, 2, 3)]
    assert by_hour == [None, kitchen.unit, kitchen.unit, None]


def test_one_device_is_never_two_people_s_at_a_time(kitchen: Kitchen, devices: Devices) -> None:
    device = devices.adopt("probe", "P-1", None, kitchen.by(None))
    start_us = kitchen.now_us
    devices.bind(device, kitchen.unit, kitchen.by(None))
    kitchen.world.wall.advance(hours=4)
    with pytest.raises(BadInputError, match="ended_us"):  # taken back before it was given
        devices.release(device, "returned", kitchen.by(None), start_us - HOUR_US)
    devices.release(device, "returned", kitchen.by(None), start_us + 2 * HOUR_US)
    other = kitchen.world.people.subject
    with pytest.raises(BadInputError, match="issued_us"):
        devices.bind(device, other, kitchen.by(None), start_us + 2 * HOUR_US - 1)
    devices.bind(device, other, kitchen.by(None), start_us + 2 * HOUR_US)
    by_hour = [whose(device, start_us + hour * HOUR_US) for hour in (1, 2, 3)]
    assert by_hour == [kitchen.unit, other, other]


def test_a_sim_s_number_has_plain_digits(kitchen: Kitchen, devices: Devices) -> None:
    device = devices.adopt("probe", "P-1", None, kitchen.by(None))
    with pytest.raises(BadInputError, match="number"):
        devices.set_sim(device, "²²²²²²", None, kitchen.by(None))


def test_an_ended_subject_gets_no_device(kitchen: Kitchen, devices: Devices) -> None:
    device = devices.adopt("probe", "P-1", None, kitchen.by(None))
    inspector = kitchen.by(kitchen.inspector)
    kitchen.subjects.end(kitchen.unit, "closed", kitchen.now_us, inspector)
    with pytest.raises(BadInputError):
        devices.bind(device, kitchen.unit, kitchen.by(None))


def test_a_sim_is_sealed_and_a_calibration_holds_until_its_day(
    kitchen: Kitchen, devices: Devices
) -> None:
    device = devices.adopt("probe", "P-1", None, kitchen.by(None))
    devices.set_sim(device, "89860000000000000001", "2026-12-31", kitchen.by(None))
    sim = Sim.objects.get(id=device)
    assert kitchen.keys.open(sim.number) == "89860000000000000001"
    assert is_calibrated(device, date(2026, 3, 2)) is None
    devices.calibrated(device, "ZJ-77", ("2026-01-05", "2026-07-05"), kitchen.by(None))
    days = [date(2026, 1, 4), date(2026, 7, 5), date(2026, 7, 6)]
    assert [is_calibrated(device, day) for day in days] == [None, True, False]
    with pytest.raises(BadInputError) as error:
        devices.calibrated(device, " ", ("2026-02-30", "soon"), kitchen.by(None))
    assert [f.field for f in error.value.faults] == ["done_on", "due_on", "certificate"]


def test_health_says_never_online_and_silent(kitchen: Kitchen, devices: Devices) -> None:
    device = devices.adopt("probe", "P-1", None, kitchen.by(None))
    other = devices.adopt("probe", "P-2", None, kitchen.by(None))
    hear(kitchen, device, "battery", 80)
    devices.bind(device, kitchen.unit, kitchen.by(None))
    first_us = kitchen.now_us
    kitchen.world.wall.advance(minutes=5)
    hear(kitchen, device, "battery", 60)
    hear(kitchen, device, "battery", 99, ago_us=10 * MINUTE_US)  # late: an older reading
    assert follow() == 3
    last_us = kitchen.now_us
    assert last_us == first_us + 5 * MINUTE_US
    seen = health_of([device, other], last_us + HOUR_US, HOUR_US)
    assert seen == {device: Health("online", last_us, 60.0, last_us), other: NEVER}
    late = health_of([device], last_us + HOUR_US + 1, HOUR_US)[device]
    assert late.state == "silent"
    rows = {row["number"]: row["health"] for row in device_rows(last_us, HOUR_US)}
    assert (rows["P-1"], rows["P-2"]) == ("online", "never")
    assert str(check()) == "equal"
    kitchen.is_rebuilt = False  # compared above: the twin reads no readings
