"""Pages without an account: a relative's and a firm's; given, seen, used, taken back."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.conf import settings
from django.test import Client

from bihuan.base.errors import BadInputError
from bihuan.console.near.given import token_of
from bihuan.journal.models import VIEWS_LANE, Entry
from bihuan.journal.readings import NewReading, append_readings
from bihuan.loop import scenario as scenarios
from bihuan.loop.cases.report import Report, report
from bihuan.loop.models import Case
from bihuan.loop.scenario import Scenario
from bihuan.register.consents.acts import Consents, NewConsent
from bihuan.register.devices import health
from bihuan.register.models import Device
from bihuan.register.near.acts import NearLinks
from bihuan.register.near.models import NearLink
from bihuan.register.parties.acts import NewParty, PartyActs
from bihuan.register.records.acts import By, Ledger, Opening
from bihuan.register.refusals import ForbiddenError, TakenError
from bihuan.register.scheme import Scheme, SubjectType
from bihuan.register.subjects.acts import NewSubject, Subjects
from tests.console.place import ADDRESS, ELDER, Place
from tests.console.test_matters import in_hand, only_here, send
from tests.matters import MATTER, MATTERS, reported
from tests.rebuilt import differences

__all__ = ["only_here"]  # fixture
FIRMS = Scenario(
    name="test_firms",
    title=("企业", "Firms"),
    subjects={"firm": ("企业", "Firm")},
    signals={},
    roles={**MATTERS.roles, "family": ("企业联系人", "Firm's contact")},
    playbooks=(replace(MATTER, scenario="test_firms"),),
    scheme=Scheme(
        scenario="test_firms",
        subjects=(SubjectType(name="firm", title=("企业", "Firm"), party="legal_entity"),),
        editors={"firm": ("county_command",)},
    ),
)
pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def link(place: Place) -> int:
    """The secretary gave the daughter her page."""
    return give(place)


def give(place: Place, key: str = "n1") -> int:
    people = place.people
    by = By(people.secretary, "page", key)
    return NearLinks(place.clock).give(people.subject, people.daughter, by)


def address(link_id: int) -> str:
    return f"/near/{token_of(link_id)}/"


def text(link_id: int, status: int = 200, language: str = "zh-hans") -> str:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = client.get(address(link_id))
    assert answer.status_code == status
    return answer.content.decode()


def views() -> int:
    return Entry.objects.filter(lane=VIEWS_LANE, type="near_link.viewed.v1").count()


def test_relative_sees_that_nothing_is_wrong_and_whom_to_ask(place: Place, link: int) -> None:
    page = text(link)
    assert "王晓燕，您好" in page
    assert ELDER in page
    assert "现在没有呼救" in page
    assert "沈文启" in page
    assert "tel:" in page
    assert ADDRESS not in page, "she knows the address; who finds the handset does not"
    assert views() == 1


def test_relative_sees_who_goes_and_says_not_solved_then_solved(place: Place, link: int) -> None:
    case = place.hold_key()
    assert "已经在叫人，还没有人说去" in text(link)
    place.do("take", place.people.secretary)
    assert "沈文启（村值班）在处置" in text(link)
    place.do("report", place.people.secretary, text="到家中，人没事", answer="人没事，手环误碰")
    place.settle()
    page = text(link)
    assert "人没事，手环误碰" in page
    assert "到家中" not in page, "what officials write to each other is not for her"
    click = {"case": str(case), "key": "a", "do": "not_solved", "text": "还没人来"}
    for _twice in range(2):
        assert Client().post(f"{address(link)}say", click).status_code == 302
    assert Case.objects.get(id=case).state == "in_progress"
    late = Client().post(f"{address(link)}say", {**click, "do": "solved", "key": "b"})
    assert late.status_code == 409
    place.do("report", place.people.secretary, text="又去了", answer="这回好了")
    place.settle()
    Client().post(f"{address(link)}say", {**click, "do": "solved", "key": "c"})
    assert Case.objects.get(id=case).outcome == "confirmed"
    assert "最近办完的" in text(link)
    assert differences() == []


def test_relative_says_nothing_of_another_elders_case(place: Place, link: int) -> None:
    other = place.subject()
    place.signal(other)
    place.settle()
    case = Case.objects.get(subject_id=other)
    said = {"case": str(case.id), "key": "a", "do": "solved"}
    assert Client().post(f"{address(link)}say", said).status_code == 404
    assert Client().post(f"{address(link)}say", {**said, "do": "take"}).status_code == 404
    assert f'value="{case.id}"' not in text(link)


def test_relative_sees_worn_today_and_the_battery_but_no_value(place: Place, link: int) -> None:
    assert "今天还没有戴的记录" in text(link)
    device = Device.objects.get(id=place.people.device)
    series = (place.people.subject, device.id, device.binding_id)
    now_us = place.clock.now_us()
    rows = [
        NewReading(*series, "heart_rate", "/min", now_us, 77.0, 0, now_us),
        NewReading(*series, "battery", "%", now_us, 60.0, 0, now_us),
    ]
    append_readings(rows, seen0=place.position, clock=place.clock)
    health.follow()
    page = text(link)
    assert "今天戴了" in page
    assert "60%" in page
    assert "77" not in page[page.index("<main") :].replace(str(link), "")
    place.wall.advance(hours=20)  # the next day
    assert "今天还没有戴的记录" in text(link)
    assert "失联" in text(link)


def test_relative_sees_when_somebody_last_came(place: Place, link: int) -> None:
    assert "还没有探访记录" in text(link)
    said = {"seen": place.clock.now_us(), "way": "door", "met": True, "found": "血压偏高"}
    opening = Opening("elder_care", "visit", said, subject_id=place.people.subject)
    Ledger(place.clock, place.keys).open(opening, By(place.people.secretary, "page", "v1"))
    page = text(link)
    assert "3月2日 08:0" in page
    assert "见到了人或通了话" in page
    assert "血压偏高" not in page, "an illness is not for a page that a lost handset opens"


def firm_link(place: Place) -> tuple[int, int, int]:
    """A firm, its manager and the manager's page, given by the county's commander."""
    people, add = place.people, place.registrar
    boss = add.person("孔令仪", "Kong Lingyi", "0990 8000 0001", ["screen"])
    name = ("青禾铝材（虚构）", "Qinghe Aluminium (invented)")
    party = PartyActs(place.clock, place.keys).party(NewParty(kind="legal_entity", name=name))
    new = NewSubject("test_firms", "firm", people.village, party_id=party)
    firm = Subjects(place.clock, place.keys).register(new, By(people.commander, "page", "f1"))
    add.contact(firm, boss, "neighbour", 0)
    link = NearLinks(place.clock).give(firm, boss, By(people.commander, "page", "f2"))
    return firm, boss, link


def test_firm_sees_its_own_matters_its_liaison_and_the_letters(
    place: Place, only_here: None
) -> None:
    """A firm's contact: matters of the firm, who answers, and solved or not."""
    scenarios.install(FIRMS)
    firm, boss, link = firm_link(place)
    page = text(link)
    for words in ("青禾铝材", "没有正在办的事", "您的联络员", "何晓梅", "tel:"):
        assert words in page
    assert "120" not in page[page.index("<main") :].replace(token_of(link), "")
    said = Report(scenario="test_firms", kind="road", text="用电要增容", key="1", via="web",
                  subject_id=firm, area_id=place.people.village, origin_id=boss)  # fmt: skip
    case = report(said, place.clock, place.keys)
    reported(place)  # a resident's own matter is none of the firm's
    assert text(link).count("near-case") == 1
    in_hand(place, case)
    assert re.search("沈文启（[^）]+）在办", text(link))
    assert send(place, "village", case, "submit", text="好了", answer="增容已批，本周五送电") == 302
    assert send(place, "town", case, "pass") == 302
    place.settle()
    click = {"case": str(case), "key": "a", "do": "solved"}
    assert Client().post(f"{address(link)}say", click).status_code == 302
    assert Case.objects.get(id=case).outcome == "confirmed"
    page = text(link)
    assert "答复和来信" in page
    assert "增容已批，本周五送电" in page


def test_link_is_void_once_taken_back_by_the_office(place: Place, link: int) -> None:
    NearLinks(place.clock).revoke(link, By(place.people.secretary, "page", "r1"))
    NearLinks(place.clock).revoke(link, By(place.people.secretary, "page", "r2"))
    page = text(link, status=410)
    assert ELDER not in page
    assert "页面已停用" in page
    assert views() == 0
    assert Client().post(f"{address(link)}say", {"do": "solved", "case": "1"}).status_code == 410
    assert give(place, "n2") != link
    assert differences() == []


def test_link_is_void_once_the_consent_is_taken_back(place: Place, link: int) -> None:
    consents, people = Consents(place.clock, place.keys), place.people
    given = consents.give(
        NewConsent(people.elder, "family_view", "v1"), By(people.secretary, "page", "c")
    )
    assert ELDER in text(link)
    consents.withdraw(given, By(people.secretary, "page", "w"))
    text(link, status=410)
    NearLinks(place.clock).revoke(link, By(people.secretary, "page", "r"))
    with pytest.raises(BadInputError, match="lets see"):
        give(place, "n2")


def test_holder_stops_the_page_of_a_lost_handset(place: Place, link: int) -> None:
    Client().post(f"{address(link)}end", {})
    assert ELDER in text(link), "asked twice: one touch stops nothing"
    assert Client().post(f"{address(link)}end", {"sure": "1"}).status_code == 302
    text(link, status=410)
    assert NearLink.objects.get(id=link).revoked_by == place.people.daughter


def test_stranger_gets_no_link_and_makes_none_up(place: Place, link: int) -> None:
    people, links = place.people, NearLinks(place.clock)
    with pytest.raises(BadInputError, match="a contact"):
        links.give(people.subject, people.stranger, By(people.secretary, "page", "a"))
    for who in (people.stranger, people.daughter, place.neighbour):
        with pytest.raises(ForbiddenError):
            links.give(people.subject, people.daughter, By(who, "page", f"b{who}"))
        with pytest.raises(ForbiddenError):
            links.revoke(link, By(who, "page", f"c{who}"))
    with pytest.raises(TakenError):
        give(place, "again")
    assert give(place, "n1") == link, "the same click gives the same link"
    for token in ("x", str(link), token_of(link)[:-1] + "_", token_of(link + 1)):
        status = Client().get(f"/near/{token}/").status_code
        assert status in (404, 410), token
    assert views() == 0


def test_office_gives_shows_and_stops_it_on_the_subjects_page(place: Place) -> None:
    people, client = place.people, place.client("village")
    path = f"/rows/{people.subject}/"
    assert "开免登录页面" in client.get(path).content.decode()
    click = {"act": "near_give", "key": "k1", "v.whom": str(people.daughter)}
    assert client.post(path, click).status_code == 302
    made = NearLink.objects.get()
    assert made.given_by == people.secretary
    assert address(made.id) in client.get(path).content.decode()
    stop = {"act": "near_revoke", "key": "k2", "v.whom": str(made.id)}
    assert client.post(path, stop).status_code == 302
    assert NearLink.objects.get().revoked_us is not None


def test_page_has_both_languages_and_no_word_of_the_other(place: Place, link: int) -> None:
    place.hold_key()
    page = text(link, language="en")
    assert "Shen Wenqi" in page
    assert "Wang Guilan" in page
