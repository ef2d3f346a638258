"""The walks of `users.md` section 3, with what each may cost: taps, and fields to write.

By hand from the words there: "total typing: none"; "false alarm in two taps"; "unanswered first";
"click 按时应答率, see cases, then monthly Word report"; "frame bytes → decode → finding → case".
"""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bihuan.console.setup import readiness
from bihuan.console.setup.readiness import Item
from bihuan.figures.projectors import FOLLOWER
from bihuan.journal.follow import catch_up_facts
from bihuan.loop.models import Case
from bihuan.register.models import County
from tests.console.hand import Hand
from tests.console.place import ELDER, JPEG, PASSWORD, Made, Place
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.jpg", JPEG, "image/jpeg")


def test_duty_officer_signs_in_and_reads_what_needs_a_person(place: Place) -> None:
    """0:00: one tap and a password; 演示 on the screen, the calls without an answer first."""
    first = place.hold_key()
    place.user("town")
    hand = Hand(place.client())
    hand.press("登录", username="town", password=PASSWORD)
    assert (hand.taps, hand.typed) == (1, 2)
    assert hand.words.index("演示") < hand.words.index("等人应答")
    parts = [hand.words.index(one) for one in ("按剩余时间从少到多", "王**", "已有人负责，按")]
    assert parts == sorted(parts)
    assert f'id="case-{first}"' in hand.content.decode()


def test_sos_is_brought_to_its_end_without_typing(place: Place) -> None:
    """0:30 to 1:45: the village answers and goes, a photo, the daughter says 解决了."""
    case_id = place.hold_key()
    phone = Hand(place.client(), place.phone("village"))
    phone.press("接听")
    phone.press("我去处置")
    assert "由你处置" in phone.words
    secretary = Hand(place.client("village"))
    secretary.follow(f"{ELDER[0]}**", f"/cases/{case_id}/")
    secretary.press("已到现场处置", photo=photo())
    place.settle()
    daughter = Hand(place.client(), place.phone("family"))
    daughter.press("解决了")
    case = Case.objects.get(id=case_id)
    assert (case.state, case.outcome) == ("closed", "confirmed")
    assert phone.taps + secretary.taps + daughter.taps == 5
    assert phone.typed + secretary.typed + daughter.typed == 0
    assert differences() == []


def test_board_takes_a_case_in_one_tap(place: Place) -> None:
    """02:00: the button is on the row; the page that follows is the case, with its telephone."""
    case_id = place.hold_key()
    officer = Hand(place.client("town"))
    officer.press("我来处置")
    assert (officer.taps, officer.typed) == (1, 0)
    assert officer.at == f"/cases/{case_id}/"
    assert Case.objects.get(id=case_id).owner_id == place.people.town_officer


def test_village_closes_a_false_alarm_in_two_taps(place: Place) -> None:
    case_id = place.hold_key()
    secretary = Hand(place.client("village"), f"/cases/{case_id}/")  # the open page, or its notice
    secretary.press("误触")
    assert secretary.taps <= 2
    assert secretary.typed == 0
    assert Case.objects.get(id=case_id).outcome == "false_alarm"


def test_figure_opens_to_its_cases_and_to_one_of_them(place: Place) -> None:
    """4:30: a number, the list that makes it, the case."""
    case_id = place.reported()
    while catch_up_facts(FOLLOWER, 1_000):
        pass
    leader = Hand(place.client("command"))
    leader.follow("指标", "/figures/")
    assert "呼救按时应答率" in leader.words
    leader.follow("100.0%", "/figures/elder_care.sos_answered_in_time/counted")
    leader.follow(f"{ELDER[0]}**", f"/cases/{case_id}/")
    assert (leader.taps, leader.typed) == (3, 0)
    assert ELDER in leader.words


def test_engineer_reads_frame_decoding_and_case_side_by_side(place: Place) -> None:
    case_id = place.hold_key()
    engineer = Hand(place.client("command"))
    engineer.follow(f"{ELDER[0]}**", f"/cases/{case_id}/")
    assert (engineer.taps, engineer.typed) == (1, 0)
    frame, decoded, found = b"[3G*9900000001*".hex(), '"kind": "sos"', "类型 呼救 · 紧急"
    parts = [engineer.words.index(one) for one in (frame, decoded, found)]
    assert parts == sorted(parts)


def test_red_rain_is_called_out_confirmed_and_its_sheets_lie_ready(place: Place) -> None:
    """1:45: text and area are written, everything else stands there; two sheets to sign."""
    desk = Hand(place.client("command"))
    desk.follow("叫应", "/callouts/")
    areas = [str(place.people.town)]
    desk.press("开始叫应", goes_to="order", zh="红色暴雨，立即转移", en="Move now", areas=areas)
    place.settle()
    phone = Hand(place.client(), place.phone("village"))
    phone.press("接听")
    phone.press("收到，照办")
    desk.look(desk.at)
    desk.follow("情况表")
    assert "红色暴雨，立即转移" in desk.words
    assert (desk.taps, desk.typed, phone.taps, phone.typed) == (3, 2, 2, 0)


def test_flash_report_is_signed_in_three_taps_without_typing(place: Place) -> None:
    """What is recorded is written already; blanks stand as ____."""
    case_id = place.hold_key()
    officer = Hand(place.client("town"))
    officer.follow(f"{ELDER[0]}**", f"/cases/{case_id}/")
    officer.follow("信息快报", f"/cases/{case_id}/report/")
    officer.press("签发")
    assert (officer.taps, officer.typed) == (3, 0)
    assert "石桥村" in officer.words


def test_first_run_leads_to_live_by_what_stands_on_one_page(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The roster: title, shift and people; live: one tap, when ready."""
    place = made("drill")
    monkeypatch.setattr(readiness, "_examine", lambda: [Item("waking channels", "fail", "1")])
    leader = Hand(place.client("command"), "/first-run/")
    assert "还有没就绪的项目" in leader.words
    people = str(place.people.commander)
    role = ["county_command"]
    leader.press("排班", title="县夜班", role=role, shift="夜班", people=people, waking=[])
    assert (leader.taps, leader.typed) == (1, 3)
    assert "值班表 1 张，到明早有空缺的 0 张" in leader.words
    monkeypatch.setattr(readiness, "_examine", lambda: [Item("waking channels", "ok", "")])
    leader.look("/first-run/")
    leader.press("转为正式")
    assert (leader.taps, leader.typed) == (2, 3)
    assert County.objects.get().mode == "live"
