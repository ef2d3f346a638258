"""An appeal goes round its loop in a live county that is no demo: seen in Chromium.

Areas, people, posts and the firm come over the API, and so does the firm's appeal. The desk tests
it and puts it to the firm's liaison, who handles it; the firm says on a phone that it is solved.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.console.browsing import launched
from tests.scenarios.live_county import LiveCounty, live_county
from tests.scenarios.screen import Screen

pytestmark = pytest.mark.browser
PEOPLE = (("clerk", "chain_clerk"), ("liaison", "chain_liaison"), ("firm", ""), ("rival", ""))
CODES = ("91990100MA2QHDJ01J", "91990100MA2QHDJ02M")
PASSED = {"real": "yes", "necessary": "yes", "urgent": "yes"}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCounty]:
    with live_county(tmp_path_factory.mktemp("county")) as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


def firm(county: LiveCounty, n: int, speaker: str) -> int:
    """A firm with its named liaison and somebody who speaks for it."""
    said = {"kind": "legal_entity", "name": f"示例企业{n}", "latin": "Sample", "code": CODES[n]}
    party = county.keeper.deed("parties", "other", **said, area=county.area)
    who = county.who
    named = {"liaison": who["liaison"].person, "liaison_phone": "0990 7100 0002"}
    made = who["clerk"].deed(
        "ledgers/chain/firm", "new", _who=party, _area=county.area, industry="autos", **named
    )
    contact = {"person": who[speaker].person, "relation": "contact", "rank": 0}
    who["clerk"].deed(f"rows/{made}/acts", "contact", **contact)
    return made


def act(screen: Screen, case_id: int, name: str, **said: str) -> None:
    """Do an act on the case's page; afterwards it is not offered again."""
    page = screen.open(f"/cases/{case_id}/")
    place = page.locator(f"#act-{name}")
    if said:
        page.locator(f"#fold-{name} > summary").click()
    for field, told in said.items():
        if field in ("text", "answer"):
            page.fill(f"#{field}-{name}", told)
        else:
            page.locator(f"#f-{name}-{field}").select_option(told)
    screen.fits()
    place.locator("form button:not([type=button])").click()
    expect(place).to_have_count(0)
    screen.fits()


def test_an_appeal_is_tested_handled_and_solved_by_the_firms_own_word(
    county: LiveCounty, chromium: Browser
) -> None:
    county.let_in({name: county.person(name, role, county.area) for name, role in PEOPLE})
    own, _other = firm(county, 0, "firm"), firm(county, 1, "rival")
    said = {"topic": "passage", "goods": "铝液", "quantity": 40, "measure": "吨"}
    said |= {"from_place": "云岭县", "to_place": "青禾县", "text": "请放行铝液车", "way": "web"}
    row = county.who["firm"].deed("ledgers/chain/appeal", "new", _subject=own, **said)
    clerk, liaison = (Screen(chromium, county, name, 1440) for name in ("clerk", "liaison"))
    speaker = Screen(chromium, county, "firm", 390)
    case = county.who["clerk"].first_case()
    act(clerk, case["id"], "find_valid", text="已电话核实", **PASSED)
    act(clerk, case["id"], "assign", target=f"person:{county.who['liaison'].person}")
    act(liaison, case["id"], "receive")
    act(liaison, case["id"], "begin")
    act(liaison, case["id"], "submit", text="车已放行", answer="车到了")
    act(clerk, case["id"], "pass")
    act(speaker, case["id"], "solved")
    expect(speaker.page.locator("#head .state.closed")).to_be_visible()
    assert county.who["clerk"].get(f"cases/{case['id']}")["outcome"] == "confirmed"
    for path in (f"cases/{case['id']}", f"register/rows/{row}"):
        assert county.who["rival"].ask(path)[0] == 404
    assert clerk.wrong + liaison.wrong + speaker.wrong == []
