"""A warning taken down by hand: areas by town with a thumb, a colour asked in words."""

from __future__ import annotations

import re

import pytest

from bihuan.base.time import datetime_of
from bihuan.register.warnings.models import OfficialWarning
from tests.console.place import Place

pytestmark = pytest.mark.django_db(databases="__all__")


def test_areas_are_ticked_by_town_and_no_list_is_held_with_a_key(place: Place) -> None:
    for address in ("/warnings/", "/callouts/"):
        page = place.client("command").get(address).content.decode()
        assert "multiple" not in page
        ticks = re.findall(r'type="checkbox" name="areas" value="(\d+)"', page)
        assert str(place.people.town) in ticks, address
        assert len(ticks) == len(set(ticks)) > 1, "each area once"
        assert page.count('<details class="co-town"') >= 1


def test_colour_is_asked_in_words_and_what_was_ticked_stays(place: Place) -> None:
    said = {
        "change": "issue",
        "issuer": "青禾县气象台",
        "issued": datetime_of(place.clock.now_us()).isoformat(),
        "title": "红旗镇雷电预警信号",
        "areas": [str(place.people.town)],
        "key": "k",
    }
    command = place.client("command")
    answer = command.post("/warnings/", said)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "colour: 名称里没有颜色 → 选一种颜色：名称里没有写清是哪一种" in page
    assert f'name="areas" value="{place.people.town}" checked' in page
    assert command.post("/warnings/", {**said, "colour": "mauve"}).status_code == 422
    assert not OfficialWarning.objects.exists()
    assert command.post("/warnings/", {**said, "colour": "yellow"}).status_code == 302
    assert OfficialWarning.objects.get().severity == "Moderate"
