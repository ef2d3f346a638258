"""What the founding text says of kitchens, said by figures over rows that people really filed.

Its own words: 15 kitchens, all rebuilt, all smart; B or better 80 %; A from none to two; meals.
"""

from __future__ import annotations

from functools import partial

import pytest

from bihuan.figures.installed import figure
from bihuan.figures.parts import Told
from bihuan.figures.periods import parse
from bihuan.figures.values import Book
from bihuan.register.models import Area
from bihuan.register.parties.acts import NewParty, PartyActs
from bihuan.register.subjects.acts import NewSubject
from bihuan.scenarios.kitchen.tests.place import Place
from bihuan.scenarios.kitchen.tests.test_batches import faults

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
# 2 A, 10 B, 1 C, 1 whose score is below 6.0; the fifteenth was not visited
SCORES = (9.0, 9.6, *(7.5,) * 5, *(8.9,) * 5, 7.4, 5.9)
LETTERS = ("A",) * 2 + ("B",) * 10 + ("C", "none")


def told(place: Place, name: str, period: str) -> Told:
    path = Area.objects.get(id=place.areas["county"]).path
    return Book(place.now_us).value(figure(f"kitchen.{name}"), parse(period), path).told


def kitchen(place: Place, n: int, **more: object) -> int:
    """One more kitchen, a firm of its own."""
    firm = PartyActs(place.clock, place.keys).party(
        NewParty(kind="legal_entity", name=(f"青禾示例厨房{n}", f"Sample kitchen {n}"))
    )
    values: dict[str, object] = {"licence": f"JY199010000001{n:02}", "licensed_on": "2024-01-05"}
    values |= dict.fromkeys(("is_central", "is_rebuilt", "is_smart", "on_ccp"), True) | more
    new = NewSubject("kitchen", "supplier", place.areas["kitchen"], party_id=firm, values=values)
    return place.subjects.register(new, place.by("regulator"))


def visited(place: Place, supplier: int, score: float) -> None:
    said = {"way": "on_site", "cause": "follow_up", "office": "county", "planned": "2026-04-01"}
    visit = place.file("inspection", "regulator", {**said, "code": "演示"}, supplier)
    place.do(visit, "begin", "regulator")
    place.do(visit, "conclude", "regulator", score=score, key_failed=0, found="已查")
    place.confirm("second")


def test_15_kitchens_b_or_better_80_percent_and_a_from_none_to_two(place: Place) -> None:
    suppliers = [place.supplier, *(kitchen(place, n) for n in range(2, 16))]
    kitchen(place, 16, is_central=False)  # no central kitchen: it is in no part and no whole
    place.clock.advance(days=31)
    for supplier, score, letter in zip(suppliers, SCORES, LETTERS, strict=False):
        visited(place, supplier, score)
        other = "A" if letter == "B" else "B"
        refused = partial(place.do, supplier, "issue_grade", "regulator", quant_grade=other)
        assert faults(refused) == {"quant_grade"}, "no other grade than the rule's"
        place.do(supplier, "issue_grade", "regulator", quant_grade=letter)
    assert told(place, "kitchens", "2026-04").amount == 15
    for name in ("rebuilt", "smart", "on_ccp"):
        assert told(place, name, "2026-04") == (100.0, 15.0, 15.0)
    assert told(place, "b_or_better", "2026-04") == (80.0, 12.0, 15.0)
    assert told(place, "b_or_better", "2026-03") == (0.0, 0.0, 15.0), "as it stood in March"
    assert [told(place, "a_grade", month).amount for month in ("2026-03", "2026-04")] == [0, 2]
    place.do(suppliers[0], "shut", "regulator")
    assert told(place, "b_or_better", "2026-04")[1:] == (11.0, 14.0), "one that is shut is out"


def test_meals_are_what_schools_counted_in_and_not_what_was_sent(place: Place) -> None:
    first = place.deliver(place.released(), 240)
    place.receive(first, portions=238)
    place.deliver(place.released(), 240)  # sent, never counted in
    place.clock.advance(days=31)
    place.receive(place.deliver(place.released(), 240), portions=240)
    assert told(place, "meals", "2026-03").amount == 238
    assert told(place, "meals", "2026-04").amount == 240
    assert told(place, "meals", "2026").amount == 478
