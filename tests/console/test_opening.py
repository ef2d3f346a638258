"""A search leads to pages: every line that is a link opens for who searched, in each role."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bihuan.register.search.index import Hasher, Index
from tests.console.place import ROLES, Place

pytestmark = pytest.mark.django_db(databases="__all__")

HIT = re.compile(r'<li class="mi">(?:<a href="([^"]+)">|<div>).*?<span class="tag">([^<]+)<', re.S)
# role: what it finds of elder, village and band, and whether that line is a link
LEADS = {
    "command": {"对象": True, "人员": True, "区域": True, "设备": True, "事件": True},
    "town": {"对象": True, "人员": True, "区域": True, "设备": True, "事件": True},
    "village": {"对象": True, "人员": True, "区域": True, "设备": True, "事件": True},
    "family": {"对象": False, "事件": True},
    "neighbour": {},
    "stranger": {},
}


@pytest.mark.parametrize("role", ROLES)
def test_hit_leads_to_a_page_that_opens(role: str, place: Place, data: Path) -> None:
    place.hold_key()
    index = Index(place.keys, Hasher(data / "search.key"))
    while index.run_once():
        pass
    client, leads = place.client(role), dict[str, bool]()
    for query in ("王桂兰", "石桥", "9900000001"):
        page = client.get("/search", {"q": query}).content.decode()
        for address, noun in HIT.findall(page):
            leads[noun] = bool(address)
            if address:
                assert client.get(address).status_code == 200, (noun, address)
    assert leads == LEADS[role]
