"""Map and wall: a drawing that is true, counts by area, and nobody's name on a wall."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.console.atlas.drawing import MARGIN, middle, sheet
from bihuan.loop.models import Case
from bihuan.register.areas.boundaries import BoundaryFile, import_boundaries
from bihuan.register.models import Area
from tests.console.place import ELDER, Place

place_of = pytest.mark.django_db(transaction=True, databases="__all__")
degree = st.floats(-80, 80).map(lambda v: round(v, 4))


@given(st.lists(st.tuples(degree, degree), min_size=3, max_size=12, unique=True))
def test_every_place_lies_on_the_sheet(ring: list[tuple[float, float]]) -> None:
    drawn = sheet([ring], is_degrees=True)
    if drawn is None:
        assert len({x for x, _y in ring}) == 1 or len({y for _x, y in ring}) == 1
        return
    for place in ring:
        x, y = drawn.at(*place)
        assert MARGIN - 0.1 <= x <= drawn.width - MARGIN + 0.1
        assert MARGIN - 0.1 <= y <= drawn.height - MARGIN + 0.1


def test_north_is_up_and_a_square_of_ground_is_square() -> None:
    # 1 km by 1 km at 30° north: a degree of longitude is cos 30° of one of latitude
    side = 1 / 111.2
    wide = side / math.cos(math.radians(30 + side / 2))
    ring = [(119.0, 30.0), (119.0 + wide, 30.0), (119.0 + wide, 30.0 + side), (119.0, 30.0 + side)]
    drawn = sheet([ring], is_degrees=True)
    assert drawn is not None
    (x0, y0), (x1, _y), (_x, y1) = (drawn.at(*ring[n]) for n in (0, 1, 2))
    assert y1 < y0, "north is above"
    assert abs((x1 - x0) - (y0 - y1)) < 0.5


def test_a_sketch_counts_downwards_and_nothing_spans_no_sheet() -> None:
    drawn = sheet([[(0.0, 0.0), (60.0, 0.0), (60.0, 40.0)]], is_degrees=False)
    assert drawn is not None
    assert drawn.at(0, 0)[1] < drawn.at(0, 40)[1]
    assert sheet([], is_degrees=True) is None
    assert sheet([[(1.0, 1.0), (1.0, 2.0)]], is_degrees=True) is None


def test_the_middle_of_a_shape_is_its_centroid() -> None:
    assert middle([(0, 0), (4, 0), (4, 2), (0, 2)]) == (2.0, 1.0)
    # an L: the mean of its corners would lie elsewhere
    ell = [(0.0, 0.0), (4.0, 0.0), (4.0, 1.0), (1.0, 1.0), (1.0, 4.0), (0.0, 4.0)]
    x, y = middle(ell)
    assert (round(x, 6), round(y, 6)) == (round(9.5 / 7, 6), round(9.5 / 7, 6))
    assert middle([(1.0, 1.0), (3.0, 1.0)]) == (2.0, 1.0)


@place_of
def test_the_map_counts_what_is_open_where_it_is(place: Place) -> None:
    place.hold_key()
    case = Case.objects.get()
    county = Area.objects.get(level="county")
    town = Area.objects.get(level="town", parent_id=county.id, id=int(case.area_path.split(".")[1]))
    told = place.client("command").get("/map/").content.decode()
    row = re.search(rf'<th scope="row"><a href="\?area={town.id}">.*?</tr>', told, re.S)
    assert row is not None
    assert re.findall(r"<td[^>]*>(?:<a[^>]*>)?(\d+)", row[0]) == ["1", "1", "1"]
    assert ELDER not in told
    below = place.client("command").get(f"/map/?area={town.id}").content.decode()
    assert "石桥村" in below
    listed = place.client("command").get(f"/cases/?area={town.id}").content.decode()
    assert f"/cases/{case.id}/" in listed
    other = Area.objects.get(name="上坝村")
    empty = place.client("command").get(f"/cases/?area={other.id}").content.decode()
    assert f"/cases/{case.id}/" not in empty


@place_of
@pytest.mark.parametrize("asked", ["/map/?area=x", "/map/?area=99", "/cases/?area=99"])
def test_an_area_that_is_not_is_not_found(place: Place, asked: str) -> None:
    assert place.client("command").get(asked).status_code == 404


@place_of
def test_a_village_maps_itself_and_not_its_county(place: Place) -> None:
    county = Area.objects.get(level="county")
    assert place.client("village").get("/map/").status_code == 200
    assert place.client("village").get(f"/map/?area={county.id}").status_code == 404


@place_of
def test_boundaries_in_degrees_take_the_place_of_the_sketch(place: Place, data: Path) -> None:
    county = Area.objects.get(level="county")
    town = Area.objects.filter(level="town", parent_id=county.id).first()
    assert town is not None
    ring = "[[119.0,30.0],[119.2,30.0],[119.2,30.1],[119.0,30.1],[119.0,30.0]]"
    feature = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"'
        f'{town.code}"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}]}}'
    )
    told = place.client("command").get("/map/").content.decode()
    assert "示意图" in told
    file = BoundaryFile(text=feature, datum="WGS-84", source="test", at_us=place.clock.now_us())
    import_boundaries(file, place.clock)
    told = place.client("command").get("/map/").content.decode()
    assert "示意图" not in told
    assert told.count('<polygon class="area') == 1


@place_of
def test_the_wall_names_nobody(place: Place) -> None:
    place.hold_key()
    told = place.client("command").get("/wall/").content.decode()
    body = told.split("<main", 1)[1].split("</main>", 1)[0]
    for private in (ELDER, ELDER[0] + "**", "石桥村", "0990"):
        assert private not in body
    assert "待应答" in body
    assert re.search(r'class="hot"><span>待应答</span><b>1</b>', body)


@place_of
def test_the_wall_counts_on_from_a_missed_answer_and_its_rail_says_nothing(place: Place) -> None:
    place.hold_key()
    place.wall.advance(seconds=600)
    place.settle()
    told = place.client("command").get("/wall/").content.decode()
    row = told.split('<ol class="wall-rows">', 1)[1].split("</li>", 1)[0]
    assert "已超时" in row
    assert "+" in row
    badge = re.search(r"<b class=\"badge\"[^>]*>", told)
    assert badge is not None
    assert "hidden" in badge.group(), "counts of a wall are no list of waiting cases"
