"""A firm sees itself and nothing of another, on every page and by every address; so a stranger."""

from __future__ import annotations

from typing import Any

import pytest

from bihuan.base.time import rfc3339
from bihuan.console import home
from bihuan.console.access import keys as api_keys
from bihuan.console.accounts import Desk
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.register.accounts import offices
from bihuan.register.accounts.offices import OPERATOR
from bihuan.register.entries import Actor
from bihuan.register.models import Contact
from bihuan.scenarios.chain.records import SCHEME
from tests.rebuilt import differences
from tests.scenarios.chain.county import Asked, Empty

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
SECRET = "秘方铝液"
SUPPLIER = "独家示例铝业"
KINDS = [*(one.name for one in SCHEME.subjects), *(one.name for one in SCHEME.records)]


def two(empty: Empty) -> tuple[int, int, int]:
    """Two firms of one area; the first has an appeal and a supply. (appeal, case, supply)"""
    first, _second = empty.firm(), empty.firm()
    speaker = empty.speakers[0]
    row, case = empty.appeal(first, speaker, goods=SECRET)
    as_of = rfc3339(empty.wall.now_us())
    said = {"good": SECRET, "supplier": SUPPLIER, "days": 2, "as_of": as_of}
    supply = int(speaker.file("supply", _subject=first, **said))
    return row, case, supply


def everything(asked: Asked) -> str:
    """Every list and page of this scenario that somebody can ask for, as one text."""
    found = [str(asked.get("cases")), asked.page("/cases/"), asked.page("/tasks/")]
    found += [str(asked.get("search?q=" + text)) for text in (SECRET, SUPPLIER, "示例企业")]
    for kind in KINDS:
        for path in (f"/api/v1/register/ledgers/chain/{kind}", f"/ledgers/chain/{kind}/"):
            answer = asked._client.get(path)
            assert answer.status_code in (200, 404), path
            found.append(answer.content.decode() if answer.status_code == 200 else "")
    return "".join(found)


def test_rivals_see_nothing_of_each_other_by_page_or_api(empty: Empty) -> None:
    row, case, supply = two(empty)
    firm = empty.firms[0]
    own, rival = empty.speakers
    assert SUPPLIER in everything(own) or SUPPLIER in str(own.get(f"register/rows/{supply}"))
    for other in (rival, empty.stranger):
        text = everything(other)
        assert SECRET not in text
        assert SUPPLIER not in text
        assert "示例企业0" not in text
        for row_id in (firm, row, supply):
            for path in (f"register/rows/{row_id}", f"register/rows/{row_id}/history"):
                other.get(path, 404)
            other.page(f"/rows/{row_id}/", 404)
        other.get(f"cases/{case}", 404)
        other.page(f"/cases/{case}/", 404)


def test_rivals_do_nothing_to_each_other(empty: Empty) -> None:
    row, case, supply = two(empty)
    firm, rival = empty.firms[0], empty.speakers[1]
    before = Entry.objects.filter(lane=FACTS_LANE).count()
    for other in (rival, empty.stranger):
        said: dict[str, Any] = {"topic": "other", "goods": "假", "text": "假的", "way": "web"}
        status = 403 if other is rival else 404
        other.file("appeal", status, _subject=firm, **said)
        other.row(supply, "count", 404, days=0, as_of="2026-03-01T00:00:00Z")
        other.row(row, "correct", 404, goods="假")
        other.row(firm, "contact", 404, person=other.person_id, relation="contact", rank=0)
        other.case(case, "solved", 404, text="好了")
    assert Entry.objects.filter(lane=FACTS_LANE).count() == before


def test_rivals_own_people_may_not_name_themselves_elsewhere_nor_edit_the_firm(
    empty: Empty,
) -> None:
    two(empty)
    own = empty.speakers[0]
    own.row(empty.firms[0], "contact", 404, person=empty.stranger.person_id, relation="x", rank=0)
    own.row(empty.firms[0], "correct", 404, makes="别的")
    faults = empty.clerk.row(
        empty.firms[0], "contact", 422, person=10**9, relation="Boss!", rank=0
    )["faults"]
    assert {fault["field"].removesuffix("_id") for fault in faults} >= {"person"}


def test_rivals_who_leaves_a_firm_sees_it_no_more(empty: Empty) -> None:
    row, case, supply = two(empty)
    own = empty.speakers[0]
    contact = Contact.objects.get(person_id=own.person_id)
    own.get(f"register/rows/{supply}")
    empty.clerk.row(empty.firms[0], f"contact-end-{contact.id}")
    for row_id in (empty.firms[0], row, supply):
        own.get(f"register/rows/{row_id}", 404)
    own.get(f"cases/{case}", 404)
    assert SECRET not in everything(own)
    assert differences() == []


def test_rivals_a_firms_system_files_for_its_firm_alone(empty: Empty) -> None:
    """API: a key that acts as the firm's person, narrowed to this scenario."""
    two(empty)
    own = empty.speakers[0]
    person = empty._person("安全管理员")
    offices.appoint(person, "security", OPERATOR, home.clock())
    by = Actor(person_id=person, role="security_administrator", via="page")
    desk = Desk.here()
    wanted = api_keys.Wanted("企业系统", own.person_id, 30, scenarios=("chain",))
    text = api_keys.make(wanted, Desk(desk.clock, desk.keys, by))
    own._client.logout()
    own._client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {text}"
    said = {"topic": "other", "goods": "硅钢片", "text": "请协调", "way": "api"}
    filed = own.file("appeal", _subject=empty.firms[0], **said)
    assert own.get(f"register/rows/{filed}")["thing"]["values"]["way"] == "api"
    own.get(f"register/rows/{empty.firms[1]}", 404)
    own.file("appeal", 403, _subject=empty.firms[1], **said)
