"""CAP 1.2 over HTTP: it stands as it came, is superseded, cancelled, expires; bombs are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bihuan.base.time import MovableClock, datetime_of
from bihuan.gateway.formats import cap
from bihuan.gateway.http import warnings
from bihuan.journal.keys import KeyRing
from bihuan.register.acts import Registrar
from bihuan.register.entries import Mode, SignalReceived
from bihuan.register.warnings.acts import expire_due
from bihuan.register.warnings.models import OfficialWarning
from tests.county import World
from tests.gateway.http.post import AT_US, Gate, Got, Posting, key_for, said
from tests.outside import SHARED, outside
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
XML = "application/cap+xml"
STATION = "station@weather.example"
EXAMPLES = sorted((SHARED / "data" / "cap").glob("*.xml"))
AREA = cap.Area("青禾县", geocodes=(cap.NamedValue("GB/T 2260", "990100"),))


def alert(number: int, severity: str = "Moderate", **changes: Any) -> cap.Alert:
    """A rain warning of the station; number: its identifier and its minute."""
    sent = datetime_of(AT_US) + timedelta(minutes=number)
    info = cap.Info(
        categories=("Met",),
        event="暴雨黄色预警信号",
        urgency="Immediate",
        severity=severity,
        certainty="Likely",
        language="zh-CN",
        sender_name="青禾县气象台",
        headline="青禾县气象台发布暴雨黄色预警信号",
        description="6 小时内降雨量将达 50 毫米以上。",
        expires=datetime_of(AT_US) + timedelta(hours=6),
        areas=changes.pop("areas", (AREA,)),
    )
    made = cap.Alert(f"W{number}", STATION, sent, "Actual", "Alert", "Public", infos=(info,))
    return replace(made, **changes)


def about(number: int, earlier: cap.Alert, severity: str = "Moderate", **more: Any) -> cap.Alert:
    """An Update of an earlier message, or a Cancel."""
    said_by = {"msg_type": "Update", "references": (earlier.reference,), **more}
    return alert(number, severity, **said_by)


def post(world: World, gate: Gate, *alerts: cap.Alert | bytes, mode: Mode = "live") -> list[Got]:
    """Post them in this order with a key for warnings; the county is live unless told."""
    Registrar(world.clock, world.keys).county("青禾县", "Qinghe", mode)
    got: list[Got] = []

    def talk(line: Posting) -> None:
        for one in alerts:
            body = one if isinstance(one, bytes) else cap.write(one)
            got.append(line.post("/v1/warnings", body, media=XML))

    issued = key_for(gate.clock, "warnings")
    gate.talk(issued.token, talk)
    return got


def states() -> dict[str, str]:
    return dict(OfficialWarning.objects.values_list("identifier", "state"))


def test_warning_stands_as_the_station_wrote_it(world: World, gate: Gate) -> None:
    (got,) = post(world, gate, alert(1))
    assert (got.status, got.json["change"], got.json["ended"]) == (201, "new", [])
    row = OfficialWarning.objects.get()
    assert (row.state, row.event, row.severity) == ("current", "暴雨黄色预警信号", "Moderate")
    assert (row.sender_name, row.headline) == ("青禾县气象台", "青禾县气象台发布暴雨黄色预警信号")
    assert row.description == "6 小时内降雨量将达 50 毫米以上。"
    assert bytes(row.document) == cap.write(alert(1))
    (signal,) = said(SignalReceived)
    assert (signal.kind, signal.warning_id, signal.subject_id) == ("warning", row.id, None)
    assert signal.source == f"cap {STATION},W1"
    assert differences() == []


@pytest.mark.parametrize(
    ("second", "change", "signals"),
    [
        (about(2, alert(1), "Severe"), "upgraded", 2),
        (about(2, alert(1), "Minor"), "downgraded", 1),
        (about(2, alert(1)), "repeated", 1),
        (about(2, alert(1), areas=(AREA, cap.Area("邻县"))), "upgraded", 2),
        (about(2, alert(1), msg_type="Cancel"), "cancelled", 2),
        (about(2, alert(1), msg_type="Ack"), "notice", 1),
    ],
)
def test_later_message_changes_what_stands(
    world: World, gate: Gate, second: cap.Alert, change: str, signals: int
) -> None:
    first, got = post(world, gate, alert(1), second)
    assert (got.status, got.json["change"]) == (201, change)
    after = {"Update": ("superseded", "current"), "Cancel": ("cancelled", "message")}
    assert states() == dict(
        zip(("W1", "W2"), after.get(second.msg_type, ("current", "message")), strict=True)
    )
    is_ended = second.msg_type != "Ack"
    assert got.json["ended"] == ([first.json["warning"]] if is_ended else [])
    assert len(said(SignalReceived)) == signals
    assert differences() == []


def test_messages_out_of_order_and_twice_end_in_the_same_state(world: World, gate: Gate) -> None:
    first, update = alert(1), about(2, alert(1), "Severe")
    cancel = about(3, update, msg_type="Cancel")
    got = post(world, gate, cancel, update, first, cancel, first, update)
    assert [one.status for one in got] == [201, 201, 201, 200, 200, 200]
    assert states() == {"W1": "superseded", "W2": "cancelled", "W3": "message"}
    # the Cancel found nothing that stood, and what came after it never stood
    assert said(SignalReceived) == []


def test_message_of_another_sender_ends_nothing(world: World, gate: Gate) -> None:
    stranger = about(2, alert(1), msg_type="Cancel", sender="stranger@elsewhere.example")
    _first, got = post(world, gate, alert(1), stranger)
    assert (got.json["ended"], len(got.json["not_ended"])) == ([], 1)
    assert states() == {"W1": "current", "W2": "message"}
    assert len(said(SignalReceived)) == 1


def test_same_identity_with_other_words_is_refused(world: World, gate: Gate) -> None:
    _first, got = post(world, gate, alert(1), alert(1, "Severe"))
    assert (got.status, got.fields) == (409, ["alert/identifier"])
    assert OfficialWarning.objects.get().severity == "Moderate"


@pytest.mark.parametrize(
    ("status", "mode", "calls"),
    [
        ("Actual", "live", 1),
        ("Exercise", "live", 0),
        ("Exercise", "drill", 1),
        ("Test", "drill", 0),
        ("Draft", "demo", 0),
    ],
)
def test_only_what_is_meant_for_people_is_a_signal(
    world: World, gate: Gate, status: str, mode: Mode, calls: int
) -> None:
    post(world, gate, alert(1, status=status), mode=mode)
    assert len(said(SignalReceived)) == calls
    assert OfficialWarning.objects.get().status == status


def test_warning_expires_by_its_own_time(world: World, gate: Gate, clock: MovableClock) -> None:
    post(world, gate, alert(1))
    clock.advance(hours=6)
    row = OfficialWarning.objects.get()
    assert (row.state, row.state_at(clock.now_us() - 1)) == ("current", "current")
    assert row.state_at(clock.now_us()) == "expired"
    assert (expire_due(clock), expire_due(clock)) == (1, 0)
    assert states() == {"W1": "expired"}
    assert differences() == []


BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>&b;</identifier></alert>"""
OUTSIDE = BOMB.replace(b'"aaaaaaaaaa"', b'SYSTEM "file:///etc/passwd"')


@pytest.mark.parametrize("body", [BOMB, OUTSIDE, b"<alert/>", b"<alert", b"", b"{}"])
def test_bombs_and_what_is_no_cap_are_refused(world: World, gate: Gate, body: bytes) -> None:
    (got,) = post(world, gate, body)
    assert (got.status, got.fields) == (422, ["document"])
    assert not OfficialWarning.objects.exists()


@outside
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_warnings_of_the_standard_are_taken_word_for_word(
    world: World, gate: Gate, path: Path
) -> None:
    raw = path.read_bytes()
    (got,) = post(world, gate, raw)
    assert got.status == 201
    row, parsed = OfficialWarning.objects.get(), cap.parse(raw)
    assert bytes(row.document) == raw
    assert (row.event, row.headline) == (parsed.infos[0].event, parsed.infos[0].headline)


def test_what_leaves_says_that_it_is_an_exercise(
    world: World, gate: Gate, clock: MovableClock, keys: KeyRing
) -> None:
    (first,) = post(world, gate, alert(1), mode="drill")
    got: list[Got] = []

    def talk(line: Posting) -> None:
        got.append(line.get(f"/v1/warnings/{first.json['warning']}"))
        got.append(line.get("/v1/warnings/99"))

    token = key_for(clock, "warnings").token
    gate.talk(token, talk)
    left = cap.parse(got[0].body)
    assert (left.status, left.infos) == ("Exercise", alert(1).infos)
    assert "演练" in (left.note or "")
    assert got[1].status == 404
    Registrar(clock, keys).county("青禾县", "Qinghe", "live")
    gate.talk(token, talk)
    assert got[2].body == cap.write(alert(1))
    assert cap.parse(warnings.outgoing(alert(1), "live")).status == "Actual"
    assert cap.parse(warnings.outgoing(alert(1), "demo")).status == "Exercise"
