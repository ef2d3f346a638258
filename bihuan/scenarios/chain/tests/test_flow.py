"""Days of stock down the chain, against two slow twins that know only the words of the rule."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.base.errors import BadInputError
from bihuan.scenarios.chain.flow import (
    Chain,
    Link,
    Need,
    Node,
    Stop,
    overfull,
    still_comes,
    stops,
)


def need(firm: str, good: str, suppliers: str, days: float | None) -> Need:
    """A good of suppliers such as `a`, `a:60` (percent), `a:60+2` (days on the road), `a+?`."""
    links = []
    for one in suppliers.split():
        name, _plus, road = one.partition("+")
        name, _colon, share = name.partition(":")
        days_on_road = None if road == "?" else float(road or 0)
        links.append(Link(name, float(share) if share else None, days_on_road))
    return Need(firm, good, tuple(links), days)


def test_flow_a_firm_stops_when_its_stock_is_gone() -> None:
    found = stops([need("car", "mirror", "glass", 3)], {"glass": 0})
    assert found == {"car": Stop(3, 3, ("mirror",))}


def test_flow_goes_down_the_chain_and_adds_the_days() -> None:
    chain = [need("motor", "aluminium", "smelter", 2), need("car", "motor", "motor", 5)]
    found = stops(chain, {"smelter": 1})
    assert (found["motor"].earliest, found["car"].earliest) == (3, 8)


def test_flow_what_is_on_the_road_still_arrives() -> None:
    chain = [need("motor", "aluminium", "smelter+4", 2), need("car", "motor", "motor+1", 5)]
    assert stops(chain, {"smelter": 0}) == {
        "motor": Stop(6, 6, ("aluminium",)),  # 4 on the road, 2 in stock
        "car": Stop(12, 12, ("motor",)),  # 6 + 1 + 5
    }
    assert stops([need("car", "steel", "far+?", 3)], {"far": 0})["car"] == Stop(3, inf, ("steel",))


def test_flow_shares_let_the_stock_go_down_slower_and_who_gets_a_part_does_not_stand_still() -> (
    None
):
    needs = [need("car", "steel", "north:60 south:40", 3)]
    # 60 percent are missing: 3 days of stock last 3 / 0.6 = 5 days; 40 percent go on arriving
    assert stops(needs, {"north": 0}) == {"car": Stop(5, inf, ("steel",))}
    assert still_comes(needs[0], ["north"]) == 40
    # south stops on day 2: 1.2 of 3 days were used by then, so the rest lasts 1.8 more
    assert stops(needs, {"north": 0, "south": 2})["car"] == Stop(3.8, 3.8, ("steel",))
    # south stops on day 9: short from day 5 on, nothing at all from day 9 on
    assert stops(needs, {"north": 0, "south": 9})["car"] == Stop(5, 9, ("steel",))


def test_flow_unknown_shares_have_the_two_ends_of_what_may_be() -> None:
    needs = [need("car", "steel", "north south", 4)]
    # north may have carried all of it, or south may
    assert stops(needs, {"north": 0})["car"] == Stop(4, inf, ("steel",))
    assert still_comes(needs[0], ["north"]) is None
    assert stops(needs, {"north": 0, "south": 6})["car"] == Stop(4, 10, ("steel",))
    # of 100 percent 70 are known: no more than 30 can be missing
    partly = [need("car", "steel", "north:70 south west", 3)]
    assert stops(partly, {"south": 0})["car"] == Stop(10, inf, ("steel",))
    assert still_comes(partly[0], ["north"]) == 30


def test_flow_what_is_not_listed_goes_on() -> None:
    needs = [need("car", "steel", "north:50", 2)]
    assert stops(needs, {"north": 0})["car"] == Stop(4, inf, ("steel",))
    assert still_comes(needs[0], ["north"]) == 50


def test_flow_shares_of_a_third_are_all_of_it() -> None:
    needs = [need("car", "steel", "a:33.3 b:33.3 c:33.4", 3)]
    assert stops(needs, {"a": 0, "b": 0, "c": 0})["car"] == Stop(3, 3, ("steel",))


def test_flow_more_than_all_is_told_and_what_is_too_much_is_missed_by_nobody() -> None:
    needs = [need("car", "steel", "a:80 b:60", 3)]
    assert overfull(needs) == needs
    assert stops(needs, {"b": 0})["car"].earliest == pytest.approx(15)  # 20 percent are missing
    assert overfull([need("car", "steel", "a:40 b:60", 3)]) == []


def test_flow_the_first_good_that_is_gone_stops_the_firm() -> None:
    needs = [need("car", "mirror", "a", 9), need("car", "wire", "a", 2)]
    assert stops(needs, {"a": 0})["car"] == Stop(2, 2, ("wire",))


def test_flow_unknown_stock_is_unknown_and_never_zero() -> None:
    needs = [need("car", "mirror", "a", None), need("shop", "car", "car", 1)]
    found = stops(needs, {"a": 0})
    assert found["car"] == Stop(0, inf, ("mirror",))
    assert found["shop"] == Stop(1, inf, ("car",))
    assert not found["car"].is_known
    # another good that is known bounds it from above
    needs.append(need("car", "wire", "a", 7))
    assert stops(needs, {"a": 0})["car"] == Stop(0, 7, ("mirror",))


def test_flow_a_ring_does_not_stop_by_itself() -> None:
    ring = [need("a", "x", "b", 0), need("b", "y", "a", 0)]
    assert stops(ring, {"other": 0}) == {}
    assert stops([*ring, need("a", "z", "other", 2)], {"other": 0}) == {
        "a": Stop(2, 2, ("z",)),
        "b": Stop(2, 2, ("y",)),
    }


def test_flow_a_ring_of_shares_comes_round_to_who_began_it() -> None:
    # a runs short on day 4 (half of z); b, as if a made nothing, on day 5; a's x would be later
    ring = [need("a", "z", "other:50 far:50", 2), need("b", "y", "a", 1), need("a", "x", "b", 9)]
    assert stops(ring, {"other": 0}) == {"a": Stop(4, inf, ("z",)), "b": Stop(5, inf, ("y",))}


def test_flow_a_good_without_a_supplier_stops_nobody() -> None:
    assert stops([need("a", "x", "", 0)], {"b": 0}) == {}


def test_flow_what_is_no_number_is_refused_and_all_named() -> None:
    bad = [need("a", "x", "b", -1), need("a", "y", "b:120+-1", float("nan"))]
    with pytest.raises(BadInputError) as refused:
        stops(bad, {})
    assert [fault.field for fault in refused.value.faults] == [
        *("needs.a.x", "needs.a.y", "needs.a.y.b.share", "needs.a.y.b.road"),
    ]
    with pytest.raises(BadInputError) as refused:
        stops([], {"b": -2, "c": inf})
    assert [fault.field for fault in refused.value.faults] == ["causes.b", "causes.c"]


def test_flow_a_chain_knows_who_buys_and_who_supplies() -> None:
    chain = Chain([need("a", "x", "b c", 1), need("d", "y", "a:30", 2)])
    assert chain.suppliers() == ["a", "b", "c"]
    assert [(one.firm, link.share) for one, link in chain.buyers("a")] == [("d", 30)]
    assert [one.good for one in chain.needs_of("a")] == ["x"]
    assert (chain.buyers("z"), list(chain.needs_of("z"))) == ([], [])


def covered(one: Need, live: list[Link], unknown: str) -> Fraction:
    """The part of a need that arrives, of exact shares; unknown: `least` or `most` arrives."""
    known = sum((Fraction(str(k.share)) for k in one.links if k.share is not None), Fraction(0))
    comes = sum((Fraction(str(k.share)) for k in live if k.share is not None), Fraction(0))
    rest = max(Fraction(0), 100 - known)
    unsaid = [k for k in one.links if k.share is None]
    alive = [k for k in live if k.share is None]
    if not unsaid:
        comes += rest  # of suppliers who are not listed
    elif alive if unknown == "most" else len(alive) == len(unsaid):
        comes += rest
    return min(Fraction(1), comes / 100)


def lacking(one: Need, stopped: Mapping[Node, Fraction], unknown: str) -> Fraction | None:
    """When a need is short first (`least`) or surely not covered at all (`most`); None = never."""
    if one.days is None and unknown == "most":
        return None
    left, at = Fraction(one.days or 0), Fraction(0)
    ends = dict[int, Fraction]()
    for n, link in enumerate(one.links):
        if link.supplier in stopped and (link.road is not None or unknown == "least"):
            ends[n] = stopped[link.supplier] + Fraction(link.road or 0)
    for until in [*sorted(set(ends.values())), None]:
        live = [k for n, k in enumerate(one.links) if n not in ends or ends[n] > at]
        short = 1 - covered(one, live, unknown)
        if short > 0 and (unknown == "least" or (short == 1 and not live)):
            empty = at + left / short
            if until is None or empty <= until:
                return empty
        if until is not None:
            left, at = max(Fraction(0), left - (until - at) * short), until
    return None


def twin(needs: list[Need], causes: dict[Node, int], unknown: str) -> dict[Node, Fraction]:
    """From "nobody stops but the causes" until nothing changes: round after round, all needs."""
    stopped: dict[Node, Fraction] = {node: Fraction(at) for node, at in causes.items()}
    while True:
        new = dict(stopped)
        for one in needs:
            at = lacking(one, stopped, unknown)
            if at is not None and at < new.get(one.firm, at + 1):
                new[one.firm] = at
        if new == stopped:
            return stopped
        stopped = new


NAMES = st.sampled_from("abcdef")
LINKS = st.builds(
    Link,
    supplier=NAMES,
    share=st.none() | st.sampled_from((10.0, 25.0, 40.0, 50.0, 75.0, 100.0)),
    road=st.none() | st.integers(0, 4).map(float),
)
NEEDS = st.lists(
    st.builds(
        Need,
        firm=NAMES,
        good=st.sampled_from(("x", "y", "z")),
        links=st.lists(LINKS, max_size=3).map(tuple),
        days=st.none() | st.integers(0, 9),
    ),
    max_size=10,
    unique_by=lambda one: (one.firm, one.good),
)
CAUSES = st.dictionaries(NAMES, st.integers(0, 5), min_size=1, max_size=2)


@settings(max_examples=150, deadline=None)
@given(NEEDS, CAUSES)
def test_flow_agrees_with_the_rounds_of_all_needs(
    needs: list[Need], causes: dict[Node, int]
) -> None:
    found = stops(needs, {node: float(at) for node, at in causes.items()})
    for unknown, bound in (("least", "earliest"), ("most", "latest")):
        slow = twin(needs, causes, unknown)
        for name in "abcdef":
            got = getattr(found[name], bound) if name in found else inf
            got = min(got, causes.get(name, inf))
            assert got == pytest.approx(float(slow[name]) if name in slow else inf), (name, bound)


STEP = Fraction(1, 4)
STEPS = 160  # 40 days


def made(needs: list[Need], causes: dict[Node, int], unknown: float) -> dict[Node, list[Fraction]]:
    """What each makes of its full output in each quarter of a day, if lack of a part is a part.

    Shares are known; stock that is not lasts `unknown` days, roads that are not are empty. Goods
    are used as they are needed for full output, and what is missing of any stops as much of it.
    """
    output: dict[Node, list[Fraction]] = {name: [] for name in "abcdef"}
    left = [Fraction(unknown if one.days is None else one.days) for one in needs]
    for n in range(STEPS):
        now = dict.fromkeys(output, Fraction(1))
        for which, one in enumerate(needs):
            known = sum((Fraction(k.share or 0) for k in one.links), Fraction(0))
            comes: Fraction = max(Fraction(0), 100 - known) / 100
            for link in one.links:
                sent = n - int((link.road or 0) / STEP)
                was = output[link.supplier][sent - 1] if sent > 0 else Fraction(1)
                if sent >= 0 and causes.get(link.supplier, inf) <= sent * STEP:
                    was = Fraction(0)
                comes += Fraction(link.share or 0) / 100 * was
            short: Fraction = max(Fraction(0), 1 - comes)
            if one.links and short * STEP > left[which]:
                now[one.firm] = min(now[one.firm], 1 - short + left[which] / STEP)
            left[which] = max(Fraction(0), left[which] - short * STEP)
        for name, part in now.items():
            output[name].append(
                Fraction(0) if causes.get(name, inf) <= n * STEP else max(part, Fraction(0))
            )
    return output


KNOWN = NEEDS.map(
    lambda needs: [
        Need(
            n.firm,
            n.good,
            tuple(Link(k.supplier, k.share or 50.0, k.road) for k in n.links),
            n.days,
        )
        for n in needs
    ]
)


@settings(max_examples=40, deadline=None)
@given(KNOWN, CAUSES, st.integers(0, 9))
def test_flow_firms_that_make_a_part_lie_between_the_bounds(
    needs: list[Need], causes: dict[Node, int], unknown: int
) -> None:
    """Nobody falls short before `earliest`; nobody makes anything after `latest`."""
    found = stops(needs, {node: float(at) for node, at in causes.items()})
    for name, parts in made(needs, causes, unknown).items():
        if name in causes:
            continue
        first = found[name].earliest if name in found else inf
        last = found[name].latest if name in found else inf
        for n, part in enumerate(parts):
            if part < 1:
                assert float((n + 1) * STEP) >= first - 1e-9, (name, n)
            if part > 0:
                assert float(n * STEP) < last + float(STEP) * 12, (name, n)
