"""CAP 1.2: each rule of the standard, broken once, is named by its element."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise

import pytest

from bihuan.base.errors import BadInputError
from bihuan.gateway.formats import cap

ALERT = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>QH-20260701-001</identifier>
  <sender>qixiang@qinghe.example</sender>
  <sent>2026-07-01T02:10:00+08:00</sent>
  <status>Actual</status>
  <msgType>Update</msgType>
  <scope>Public</scope>
  <references>qixiang@qinghe.example,QH-20260701-000,2026-07-01T01:00:00+08:00</references>
  <info>
    <language>zh-CN</language>
    <category>Met</category>
    <event>暴雨</event>
    <responseType>Evacuate</responseType>
    <urgency>Immediate</urgency>
    <severity>Extreme</severity>
    <certainty>Observed</certainty>
    <eventCode><valueName>国标</valueName><value>11B03</value></eventCode>
    <effective>2026-07-01T02:10:00+08:00</effective>
    <expires>2026-07-01T08:10:00+08:00</expires>
    <senderName>青禾县气象台</senderName>
    <headline>青禾县气象台发布暴雨红色预警信号</headline>
    <web>https://qixiang.example/1</web>
    <parameter><valueName>colour</valueName><value>red</value></parameter>
    <resource><resourceDesc>map</resourceDesc><mimeType>image/png</mimeType><size>12</size></resource>
    <area>
      <areaDesc>青禾县</areaDesc>
      <polygon>30.60,121.00 30.70,121.00 30.70,121.10 30.60,121.00</polygon>
      <circle>30.65,121.05 8.5</circle>
      <geocode><valueName>code</valueName><value>330482</value></geocode>
      <altitude>0</altitude>
      <ceiling>10000</ceiling>
    </area>
  </info>
</alert>
"""
REQUIRED = [
    "identifier", "sender", "sent", "status", "msgType", "scope", "category", "event", "urgency",
    "severity", "certainty", "valueName", "value", "resourceDesc", "mimeType", "areaDesc",
]  # fmt: skip


def line_of(name: str) -> str:
    start = ALERT.index(f"<{name}>")
    return ALERT[start : ALERT.index(f"</{name}>", start) + len(name) + 3]


def replaced(name: str, text: str) -> bytes:
    return ALERT.replace(line_of(name), f"<{name}>{text}</{name}>", 1).encode()


def fields(raw: bytes) -> list[str]:
    return [fault.field for fault in cap.check(raw)]


def test_check_accepts_an_alert_that_keeps_every_rule() -> None:
    assert cap.check(ALERT.encode()) == []


@pytest.mark.parametrize("name", REQUIRED)
def test_check_names_each_required_element_that_is_missing(name: str) -> None:
    found = cap.check(ALERT.replace(line_of(name), "", 1).encode())
    assert [(fault.field.split("/")[-1], fault.got) for fault in found] == [(name, "nothing")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("identifier", "QH 001"),
        ("identifier", "QH,001"),
        ("identifier", "QH&lt;001"),
        ("identifier", ""),
        ("sender", "qi xiang"),
        ("sent", "2026-07-01T02:10:00Z"),
        ("sent", "2026-07-01T02:10:00"),
        ("sent", "2026-02-30T02:10:00+08:00"),
        ("sent", "2026-07-01T25:10:00+08:00"),
        ("sent", "2026-07-01T02:10:00.5+08:00"),
        ("sent", "2026-07-01T02:10:00+15:00"),
        ("status", "actual"),
        ("msgType", "Upgrade"),
        ("scope", "Everyone"),
        ("references", "qixiang@qinghe.example,QH-20260701-000"),
        ("references", "a,b,2026-07-01T01:00:00Z"),
        ("references", ""),
        ("language", "zh_CN"),
        ("category", "Weather"),
        ("event", " "),
        ("responseType", "Run"),
        ("urgency", "Now"),
        ("severity", "Red"),
        ("certainty", "Very Likely"),
        ("expires", "tomorrow"),
        ("web", "http://a/%zz"),
        ("size", "12.5"),
        ("size", "-1"),
        ("areaDesc", ""),
        ("polygon", "30.60,121.00 30.70,121.00 30.60,121.00"),
        ("polygon", "30.60,121.00 30.70,121.00 30.70,121.10 30.61,121.00"),
        ("polygon", "95.0,121.00 30.70,121.00 30.70,121.10 95.0,121.00"),
        ("polygon", "30.60,181.00 30.70,121.00 30.70,121.10 30.60,181.00"),
        ("polygon", "30.60 121.00 30.70 121.00 30.70 121.10 30.60 121.00"),
        ("polygon", ""),
        ("circle", "30.65,121.05"),
        ("circle", "30.65,121.05 -1"),
        ("circle", "30.65 121.05 8"),
        ("altitude", "high"),
    ],
)
def test_check_names_the_element_whose_text_is_wrong(name: str, text: str) -> None:
    found = fields(replaced(name, text))
    assert [field.split("/")[-1].split("[")[0] for field in found] == [name]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sent", "2026-07-01T02:10:00-00:00"),
        ("sent", "2026-07-01T02:10:00+00:00"),
        ("sent", "\n 2026-07-01T02:10:00+08:00 "),
        ("circle", "30.65,121.05 0"),
        ("polygon", "\n30.60,121 30.7,121\t30.7,121.1\n30.6,121.0 "),
        ("headline", ""),
        ("language", "zh-Hans-CN"),
        ("web", "urn:oid:2.49.0.0.156"),
    ],
)
def test_check_accepts_what_the_standard_allows(name: str, text: str) -> None:
    assert cap.check(replaced(name, text)) == []


def test_check_names_every_fault_not_the_first() -> None:
    broken = ALERT.replace("Extreme", "Red").replace("<event>暴雨</event>", "")
    broken = broken.replace("<status>Actual", "<status>Real")
    assert fields(broken.encode()) == [
        "alert/status",
        "alert/info[1]/severity",
        "alert/info[1]/event",
    ]


ORDER = ["identifier", "sender", "sent", "status", "msgType", "scope", "references"]


@pytest.mark.parametrize(("first", "second"), list(pairwise(ORDER)))
def test_check_names_an_element_out_of_order(first: str, second: str) -> None:
    swapped = ALERT.replace(line_of(first), "HERE").replace(line_of(second), line_of(first))
    assert fields(swapped.replace("HERE", line_of(second)).encode()) == [f"alert/{first}"]


def test_check_names_a_surplus_and_an_unknown_element_and_an_attribute() -> None:
    twice = ALERT.replace(line_of("scope"), line_of("scope") * 2)
    assert fields(twice.encode()) == ["alert/scope"]
    unknown = ALERT.replace(line_of("scope"), line_of("scope") + "<colour>red</colour>")
    assert fields(unknown.encode()) == ["alert/colour"]
    attribute = ALERT.replace("<scope>", '<scope level="1">')
    assert fields(attribute.encode()) == ["alert/scope/@level"]
    assert fields(ALERT.replace("<info>", "<info>stray").encode()) == ["alert/info[1]"]
    assert fields(replaced("event", "<b>暴雨</b>")) == ["alert/info[1]/event"]


@pytest.mark.parametrize("kind", ["Update", "Cancel", "Ack", "Error"])
def test_check_wants_references_of_what_speaks_of_another_message(kind: str) -> None:
    alone = ALERT.replace(line_of("references"), "").replace("Update", kind)
    assert fields(alone.encode()) == ["alert/references"]
    alert = ALERT.replace(line_of("references"), "").replace("Update", "Alert")
    assert fields(alert.encode()) == []


def test_check_wants_recipients_of_private_and_a_rule_of_restricted() -> None:
    assert fields(replaced("scope", "Private")) == ["alert/addresses"]
    assert fields(replaced("scope", "Restricted")) == ["alert/restriction"]
    addressed = "<scope>Private</scope><addresses>village-7</addresses>"
    assert fields(ALERT.replace(line_of("scope"), addressed).encode()) == []


def test_check_wants_an_altitude_below_a_ceiling() -> None:
    broken = ALERT.replace(line_of("altitude"), "").encode()
    assert fields(broken) == ["alert/info[1]/area[1]/altitude"]


def test_check_refuses_other_versions_of_cap_by_their_namespace() -> None:
    assert fields(ALERT.replace("cap:1.2", "cap:1.1").encode()) == ["document"]
    assert fields(b"<alert/>") == ["document"]


BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ATTACKS = {
    "billion laughs": f'<!DOCTYPE alert [<!ENTITY l0 "lol">{BOMB}]><alert>&l9;</alert>',
    "external entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert>&x;</alert>',
    "external document type": '<!DOCTYPE alert SYSTEM "http://a.example/x.dtd"><alert/>',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://a.example/">%x;]><alert/>',
    "empty": " ",
    "not XML": "alert: yes",
    "cut off": ALERT[:900],
    "nested without end": "<alert>" * 5000 + "</alert>" * 5000,
    "unknown encoding": '<?xml version="1.0" encoding="utf-7"?><alert/>',
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_check_refuses_an_attack_with_one_clear_fault(attack: str) -> None:
    assert fields(ATTACKS[attack].encode()) == ["document"]


def test_check_refuses_bytes_that_are_not_what_the_document_says() -> None:
    assert fields(ALERT.encode("gb18030")) == ["document"]
    assert fields(b"<alert>" + b"x" * (17 * 1024 * 1024)) == ["document"]


@pytest.mark.parametrize("codec", ["gb18030", "utf-16", "utf-8-sig"])
def test_parse_reads_the_encodings_in_which_alerts_come(codec: str) -> None:
    named = {"gb18030": "GB2312", "utf-16": "UTF-16", "utf-8-sig": "UTF-8"}[codec]
    raw = ALERT.replace('encoding="UTF-8"', f'encoding="{named}"').encode(codec)
    assert cap.parse(raw).infos[0].event == "暴雨"


def test_parse_gives_typed_values() -> None:
    alert = cap.parse(ALERT.encode())
    china = timezone(timedelta(hours=8))
    assert alert.sent == datetime(2026, 7, 1, 2, 10, tzinfo=china)
    assert alert.references[0].identifier == "QH-20260701-000"
    area = alert.infos[0].areas[0]
    assert area.circles == (cap.Circle((Decimal("30.65"), Decimal("121.05")), Decimal("8.5")),)
    assert len(area.polygons[0]) == 4
    assert area.geocodes == (cap.NamedValue("code", "330482"),)
    assert alert.infos[0].resources[0].size_bytes == 12


def test_parse_raises_with_every_fault() -> None:
    with pytest.raises(BadInputError) as raised:
        cap.parse(ALERT.replace("Extreme", "Red").replace("Observed", "Seen").encode())
    assert len(raised.value.faults) == 2


def test_parse_keeps_a_signature_at_the_end_and_write_returns_it() -> None:
    signature = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature>'
    alert = cap.parse(ALERT.replace("</alert>", signature + "</alert>").encode())
    assert "SignedInfo" in alert.signatures[0]
    assert cap.parse(cap.write(alert)) == alert
    early = ALERT.replace("<info>", signature + "<info>", 1).encode()
    assert fields(early) == ["alert/info[1]"]


def test_write_gives_utc_as_minus_zero_and_never_z() -> None:
    alert = cap.Alert(
        "QH-1", "a@b.example", datetime(2026, 7, 1, tzinfo=UTC), "Exercise", "Alert", "Public"
    )
    assert b"<sent>2026-07-01T00:00:00-00:00</sent>" in cap.write(alert)


def test_write_refuses_what_check_would_refuse() -> None:
    at = datetime(2026, 7, 1, tzinfo=UTC)
    for broken in (
        cap.Alert("Q 1", "a@b.example", at, "Actual", "Alert", "Public"),
        cap.Alert("Q1", "a@b.example", at, "Actual", "Cancel", "Public"),
        cap.Alert("Q1", "a@b.example", at.replace(microsecond=1), "Actual", "Alert", "Public"),
        cap.Alert("Q1", "a@b.example", at, "Actual", "Alert", "Public", note="\x00"),
        cap.Alert("Q1", "a@b.example", at, "Actual", "Alert", "Public", note="\ud800"),
        cap.Alert("Q1", "a@b.example", at, "Actual", "Alert", "Public", signatures=("</alert>",)),
    ):
        with pytest.raises(BadInputError):
            cap.write(broken)


def test_advice_says_what_should_be_there_and_refuses_nothing() -> None:
    exercise = cap.parse(replaced("status", "Exercise"))
    assert [fault.field for fault in cap.advice(exercise)] == ["alert/note"]
    assert cap.advice(cap.parse(ALERT.encode())) == []


def message(name: str, kind: str, minute: int, *of: cap.Alert) -> cap.Alert:
    at = datetime(2026, 7, 1, 1, minute, tzinfo=UTC)
    meant = tuple(one.reference for one in of)
    return cap.Alert(name, "a@b.example", at, "Actual", kind, "Public", references=meant)


FIRST = message("1", "Alert", 0)
SECOND = message("2", "Update", 10, FIRST)
LIFT = message("3", "Cancel", 20, FIRST, SECOND)
ACK = message("4", "Ack", 5, FIRST)


@pytest.mark.parametrize("order", [(FIRST, SECOND, ACK), (SECOND, ACK, FIRST, SECOND)])
def test_standings_follow_an_update_whatever_the_order(order: tuple[cap.Alert, ...]) -> None:
    stand = cap.standings(order)
    assert stand[FIRST.reference] == cap.Standing("updated", SECOND.reference)
    assert stand[SECOND.reference] == cap.Standing("current")
    assert ACK.reference not in stand


def test_standings_follow_a_cancel_over_an_update() -> None:
    stand = cap.standings([LIFT, FIRST, SECOND])
    assert {one.state for one in stand.values()} == {"cancelled"}
    assert cap.supersedes(LIFT, FIRST)
    assert not cap.supersedes(ACK, FIRST)
    assert not cap.supersedes(FIRST, LIFT)
