"""Any alert that may be written comes back the same, and is valid by the schema."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.gateway.formats import cap

# what XML can carry: no control characters but tab, line feed and carriage return
words = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r<>&'\""),
    max_size=30,
)
filled = words.map(lambda text: f"雨{text}")
ids = st.from_regex(r"[A-Za-z0-9@._:-]{1,20}", fullmatch=True)
maybe = st.none() | words
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.builds(datetime.fromtimestamp, st.integers(0, 7_000_000_000), zones | st.just(UTC))
named = st.lists(st.builds(cap.NamedValue, words, words), max_size=2).map(tuple)
numbers = st.decimals(-99, 99, places=3)
pairs = st.tuples(st.decimals(-90, 90, places=4), st.decimals(-180, 180, places=4))
rings = st.lists(pairs, min_size=3, max_size=6).map(lambda ring: (*ring, ring[0]))
circles = st.builds(cap.Circle, pairs, st.decimals(0, 500, places=2))
areas = st.builds(
    cap.Area,
    filled,
    st.lists(rings, max_size=2).map(tuple),
    st.lists(circles, max_size=2).map(tuple),
    named,
    numbers,
    st.none() | numbers,
)
resources = st.builds(
    cap.Resource, words, words, st.none() | st.integers(0, 10**9), st.just("https://a.example/x")
)
infos = st.builds(
    cap.Info,
    categories=st.lists(st.sampled_from(("Geo", "Met", "CBRNE")), min_size=1, max_size=2).map(
        tuple
    ),
    event=filled,
    urgency=st.sampled_from(("Immediate", "Past")),
    severity=st.sampled_from(("Extreme", "Unknown")),
    certainty=st.sampled_from(("Observed", "Unlikely")),
    language=st.sampled_from(("zh-CN", "en-US")),
    response_types=st.lists(st.sampled_from(("Shelter", "AllClear")), max_size=2).map(tuple),
    audience=maybe,
    event_codes=named,
    effective=st.none() | moments,
    onset=st.none() | moments,
    expires=st.none() | moments,
    sender_name=maybe,
    headline=maybe,
    description=maybe,
    instruction=maybe,
    web=st.none() | st.just("https://a.example/?a=1&b=2"),
    contact=maybe,
    parameters=named,
    resources=st.lists(resources, max_size=2).map(tuple),
    areas=st.lists(areas, max_size=2).map(tuple),
)
alerts = st.builds(
    cap.Alert,
    identifier=ids,
    sender=ids,
    sent=moments,
    status=st.sampled_from(("Actual", "Exercise", "Test")),
    msg_type=st.sampled_from(("Update", "Cancel", "Ack")),
    scope=st.sampled_from(("Public", "Private", "Restricted")),
    source=maybe,
    restriction=filled,
    addresses=filled,
    codes=st.lists(words, max_size=2).map(tuple),
    note=maybe,
    references=st.lists(st.builds(cap.Reference, ids, ids, moments), min_size=1, max_size=2).map(
        tuple
    ),
    incidents=maybe,
    infos=st.lists(infos, max_size=2).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(alerts)
def test_parse_of_write_gives_the_same_alert(alert: cap.Alert) -> None:
    written = cap.write(alert)
    assert cap.parse(written) == alert
    assert cap.write(cap.parse(written)) == written


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | words.map(str.encode))
def test_check_never_raises_and_never_accepts_noise(raw: bytes) -> None:
    assert cap.check(raw)


def test_write_keeps_every_digit_of_a_place() -> None:
    area = cap.Area(
        "x", circles=(cap.Circle((Decimal("30.600"), Decimal("-0.50")), Decimal("1E+1")),)
    )
    info = cap.Info(("Met",), "x", "Past", "Minor", "Likely", areas=(area,))
    alert = cap.Alert(
        "1", "a@b", datetime(2026, 7, 1, tzinfo=UTC), "Test", "Alert", "Public", infos=(info,)
    )
    assert b"<circle>30.600,-0.50 10</circle>" in cap.write(alert)
