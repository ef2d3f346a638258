"""Official warnings: the station's words, one event through upgrade and lift."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bihuan.base.time import CHINA, datetime_of
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.callout import texts
from bihuan.loop.callout.models import CallOut, CallOutOffer
from bihuan.loop.models import Case, Delivery, SetAside
from bihuan.loop.recompute import recompute
from bihuan.register.warnings.acts import expire_due
from bihuan.register.warnings.models import OfficialWarning
from bihuan.scenarios.hazard import playbook
from bihuan.scenarios.hazard.rules import RULES
from bihuan.scenarios.hazard.scenario import SCENARIO
from bihuan.scenarios.hazard.tests.rural import STATION, Rural, Said
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")
RED, ORANGE = "暴雨红色预警信号", "暴雨橙色预警信号"


def order(rural: Rural, warning: int, **more: object) -> Said:
    wanted = {"areas": [rural.places["qingshi"]], "roles": ["village_duty"], "zh": "立即巡查转移"}
    return rural.post("he", "call-outs", **wanted, warning_id=warning, **more)


def test_upgrade_is_the_same_case_and_supersedes_the_order(rural: Rural) -> None:
    rural.villages()
    first = rural.warned("issue", ORANGE).id
    assert rural.post("he", f"cases/{rural.case('warning').id}/acts", act="take").status == 200
    old = order(rural, first).id
    rural.wait(minutes=2)
    second = rural.warned("change", RED, about=first)
    assert (second.json["change"], second.json["ended"]) == ("upgraded", [first])
    assert Case.objects.filter(kind="warning").count() == 1
    case = rural.case("warning")
    assert (case.state, case.signals) == ("awaiting_answer", 2), "who took it is asked again"
    twice = order(rural, second.id)
    assert (twice.status, twice.fields) == (422, ["supersedes"]), "never two orders of one event"
    new = order(rural, second.id, supersedes=old)
    assert new.status == 200, new.json
    assert CallOut.objects.get(id=old).superseded_by == new.id
    assert CallOut.objects.get(id=new.id).level == RED
    assert differences() == []
    assert list(recompute()) == []


def test_lift_after_an_upgrade_is_offered_for_the_order_of_the_first(rural: Rural) -> None:
    rural.villages()
    first = rural.warned("issue", ORANGE).id
    held = order(rural, first).id
    rural.wait(minutes=2)
    second = rural.warned("change", RED, about=first).id
    assert not CallOutOffer.objects.exists(), "a warning that was upgraded is not over"
    rural.wait(minutes=2)
    assert rural.warned("lift", RED, about=second).status == 200
    assert CallOutOffer.objects.get().id == held
    assert rural.sent("he", "lift_offer") == 1
    assert rural.sent("liu", "lift_offer") == 1, "the town of that order may lift it too"
    assert rural.sent("shen", "lift_offer") == 0
    assert rural.sent("shen", "lift") == 0, "nobody is told to go home by a machine"
    said = rural.post(
        "he", f"call-outs/{held}/acts", act="lift", zh="雨已停，可以返回", issuer="防指"
    )
    assert said.status == 200, said.json
    assert CallOut.objects.get(id=held).lift_zh == "雨已停，可以返回"
    assert differences() == []
    assert list(recompute()) == []


def test_warning_that_ran_out_is_not_lifted(rural: Rural) -> None:
    rural.villages()
    at = rural.clock.now_us()
    rural.wait(minutes=1)
    soon = datetime_of(at + 3_600_000_000).isoformat()
    said = rural.post(
        "he", "warnings", change="issue", issuer=STATION, issued=datetime_of(at).isoformat(),
        title=RED, areas=[rural.places["county"]], expires=soon,
    )  # fmt: skip
    held = order(rural, said.id).id
    rural.wait(minutes=120, step_s=600)
    assert expire_due(rural.clock) == 1
    rural.settle()
    assert rural.get("he", f"warnings/{said.id}").json["state"] == "expired"
    assert not CallOutOffer.objects.exists()
    assert CallOut.objects.get(id=held).state == "running"


def test_cancellation_of_what_nobody_holds_opens_nothing(rural: Rural) -> None:
    rural.villages()
    first = rural.warned("issue", RED).id
    case = rural.case("warning").id
    for act, more in (("take", {}), ("close", {"text": "不启动响应"})):
        assert rural.post("he", f"cases/{case}/acts", act=act, **more).status == 200
    rural.wait(minutes=1)
    assert rural.warned("lift", RED, about=first).status == 200
    assert Case.objects.filter(kind="warning").count() == 1
    assert "no open case" in SetAside.objects.get().reason


def test_order_is_spoken_with_the_stations_name_and_time(rural: Rural) -> None:
    rural.villages()
    warning = rural.warned("issue", RED).id
    at = datetime_of(OfficialWarning.objects.get(id=warning).sent_us).astimezone(CHINA)
    rural.wait(minutes=7)
    order(rural, warning)
    call = Delivery.objects.filter(purpose="order", person_id=rural.people["shen"])[0]
    said = texts.saying(Rows(MAIN), call, rural.keys, is_english=False).text
    assert f"{STATION}{at:%Y年%m月%d日%H时%M分}发布{RED}" in said
    call = Delivery.objects.filter(purpose="call", person_id=rural.people["he"])[0]
    assert call.channel == "screen"


def test_what_is_taken_down_by_hand_is_refused_with_every_fault(rural: Rural) -> None:
    rural.villages()
    said = rural.post(
        "he", "warnings", change="issue", issuer=" ", issued="2027-01-01T00:00:00+08:00",
        title=" ", areas=[],
    )  # fmt: skip
    assert (said.status, sorted(said.fields)) == (422, ["areas", "issued", "issuer", "title"])
    assert rural.warned("lift", RED).fields == ["about"]
    first = rural.warned("issue", RED).id
    rural.wait(minutes=1)
    other = rural.post(
        "he", "warnings", change="lift", issuer="县应急局", title=RED, about=first,
        issued=datetime_of(rural.clock.now_us()).isoformat(), areas=[rural.places["county"]],
    )  # fmt: skip
    assert other.fields == ["issuer"], "only the station lifts its own"
    assert OfficialWarning.objects.get().state == "current"


def test_colour_is_that_of_the_signals_own_words(rural: Rural) -> None:
    """`红旗` is a place: the gravity is read of `…色预警`, and asked where that is silent."""
    rural.villages()
    for title, more, severity in (
        ("红旗镇暴雨黄色预警信号", {}, "Moderate"),
        ("红黄蓝幼儿园所在区域雷电预警信号（橙色）", {}, "Severe"),
        ("台风蓝色预警", {}, "Minor"),
        (RED, {}, "Extreme"),
        ("黄山镇雷电预警", {"colour": "none"}, "Unknown"),
        ("红旗镇雷电预警", {"colour": "yellow"}, "Moderate"),
    ):
        rural.wait(minutes=1)
        said = rural.post("he", "warnings", **taken_down(rural, title), **more)
        assert said.status == 200, (title, said.json)
        assert OfficialWarning.objects.get(id=said.id).severity == severity, title


def test_colour_that_the_title_does_not_tell_is_asked(rural: Rural) -> None:
    rural.villages()
    asked = ({"title": "红旗镇雷电预警信号"}, {"title": "暴雨橙色预警信号变更为暴雨红色预警信号"})
    for more in asked:
        said = rural.post("he", "warnings", **taken_down(rural, more["title"]))
        assert (said.status, said.fields) == (422, ["colour"]), more
    other = rural.post("he", "warnings", **taken_down(rural, RED), colour="blue")
    assert (other.status, other.fields) == (422, ["colour"]), "the title says another"
    assert not OfficialWarning.objects.exists()


def taken_down(rural: Rural, title: str) -> dict[str, Any]:
    at = datetime_of(rural.clock.now_us()).isoformat()
    return {
        "change": "issue", "issuer": STATION, "issued": at, "title": title,
        "areas": [rural.places["county"]],
    }  # fmt: skip


def test_village_and_stranger_take_nothing_down(rural: Rural) -> None:
    rural.villages()
    for who, status in (("shen", 403), ("stranger", 403)):
        said = rural.post(
            who, "warnings", change="issue", issuer=STATION, title=RED,
            issued=datetime_of(rural.clock.now_us()).isoformat(),
            areas=[rural.places["shiqiao"]],
        )  # fmt: skip
        assert said.status == status, (who, said.json)
    assert rural.get("stranger", "warnings").status == 404
    assert not OfficialWarning.objects.exists()


def test_town_takes_down_only_what_is_for_its_own_area(rural: Rural) -> None:
    rural.villages()
    body = {"change": "issue", "issuer": STATION, "title": RED,
            "issued": datetime_of(rural.clock.now_us()).isoformat()}  # fmt: skip
    assert rural.post("liu", "warnings", **body, areas=[rural.places["county"]]).status == 403
    assert rural.post("liu", "warnings", **body, areas=[rural.places["shangba"]]).status == 200
    assert rural.case("warning").area_id == rural.places["shangba"]


def test_page_lists_takes_down_and_fills_the_order(rural: Rural) -> None:
    rural.villages()
    client = rural.client("he")
    form = {
        "change": "issue", "issuer": STATION, "issued": "2026-03-02T07:59", "title": RED,
        "areas": [str(rural.places["county"])], "key": "k", "text": "", "advice": "", "about": "",
    }  # fmt: skip
    wrong = client.post("/warnings/", {**form, "issued": "x"})
    assert wrong.status_code == 422
    assert STATION in wrong.content.decode(), "what was typed is kept"
    assert client.post("/warnings/", form).status_code == 302
    page = client.get("/warnings/").content.decode()
    assert f"{STATION}2026年03月02日07时59分发布{RED}" in page
    warning = OfficialWarning.objects.get().id
    desk = client.get(f"/callouts/?warning={warning}").content.decode()
    assert f'name="warning_id" value="{warning}"' in desk
    said = {"zh": "转移", "areas": [str(rural.places["county"])], "roles": ["village_duty"],
            "issuer": STATION, "level": RED, "warning_id": str(warning),
            "mode": "live"}  # fmt: skip
    assert client.post("/callouts/order", said).status_code == 302
    assert rural.call_out().warning_id == warning
    assert rural.client("stranger").get("/warnings/").status_code == 404


WORD = re.compile("预警信号")
OURS = [*(rule.title_zh for rule in RULES), *(p.title[0] for p in playbook.PLAYBOOKS)]


def test_nothing_of_ours_is_called_an_official_warning_or_has_a_colour() -> None:
    """预警信号 is the station's word: here it names its messages and nothing that we find."""
    own = {name: zh for name, (zh, _en) in SCENARIO.signals.items()}
    assert {name for name, zh in own.items() if WORD.search(zh)} == {"warning"}
    colours = re.compile("[红橙黄蓝]色|red|orange|yellow|blue", re.IGNORECASE)
    assert [t for rule in RULES for t in (rule.title_zh, rule.title_en) if colours.search(t)] == []
    assert [t for t in OURS if WORD.search(t)] == ["预警信号"]
    folder = Path(playbook.__file__).parent
    assert "预警信号" not in (folder / "rules.py").read_text(encoding="utf-8")
