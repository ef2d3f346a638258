"""Pages and API of press figures, published series and bulletins, with the stranger."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bihuan.console.access.keys import Wanted, make
from bihuan.console.accounts import Desk
from bihuan.figures.bulletins.models import Bulletin, BulletinText
from bihuan.figures.published.models import PressPage, PressProposal, PublishedValue, Series
from tests.console.place import Place
from tests.figures.newspaper import ISSUED, PAGE, PAPER
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")


def read(place: Place, text: str = PAGE) -> int:
    said = {"paper": PAPER, "issued": ISSUED, "text": text}
    answer = place.client("command").post("/press/", said)
    assert answer.status_code == 302
    return int(PressPage.objects.order_by("-id")[0].id)


def confirmed(place: Place) -> int:
    page = read(place)
    answer = place.client("command").post(f"/press/{page}/1/decide", {"verdict": "confirm"})
    assert answer.status_code == 302
    return int(Series.objects.get().id)


def begun(place: Place) -> int:
    series = confirmed(place)
    said = {
        "kind": "monthly",
        "period": "2026-01",
        "title_zh": "一月简报",
        "title_en": "January bulletin",
        "figures": [f"published.{series}"],
    }
    answer = place.client("command").post("/bulletins/", said)
    assert answer.status_code == 302
    return int(Bulletin.objects.get().id)


def test_proposal_stands_beside_its_characters_and_one_click_confirms_it(place: Place) -> None:
    page = read(place)
    html = place.client("command").get(f"/press/{page}/").content.decode()
    assert '<q lang="zh-CN">3.38亿元</q>' in html
    assert 'id="s1"' in html
    assert "业务数据，非统计数据" in html
    assert "演示" in html
    place.client("command").post(f"/press/{page}/1/decide", {"verdict": "confirm"})
    assert PublishedValue.objects.get().value == "338000000"
    html = place.client("command").get(f"/press/{page}/").content.decode()
    assert "已确认" in html
    assert "何晓梅" in html
    assert differences() == []


def test_file_in_gb18030_is_read_as_the_same_page(place: Place) -> None:
    page = read(place)
    file = SimpleUploadedFile("page.txt", PAGE.encode("gb18030"))
    said = {"paper": PAPER, "issued": ISSUED, "file": file}
    answer = place.client("command").post("/press/", said)
    assert answer["Location"] == f"/press/{page}/"


def test_wrong_correction_is_refused_and_what_was_typed_is_kept(place: Place) -> None:
    page = read(place)
    said = {
        "verdict": "correct",
        "indicator": "另一个名字",
        "scope": "青禾县",
        "period": "single",
        "end": "2026-01-31",
        "value": "999",
    }
    answer = place.client("command").post(f"/press/{page}/1/decide", said)
    assert answer.status_code == 422
    assert "另一个名字" in answer.content.decode()
    assert not PublishedValue.objects.exists()


@pytest.mark.parametrize("bad", [{"rank": "first"}, {"status": "sure"}, {"period": "ever"}])
def test_form_with_an_unknown_choice_is_refused(place: Place, bad: dict[str, str]) -> None:
    page = read(place)
    said = {"verdict": "correct", "indicator": "a", "scope": "b", "period": "single"}
    answer = place.client("command").post(f"/press/{page}/1/decide", {**said, **bad})
    assert answer.status_code == 422


def test_second_person_to_decide_sees_who_was_first(place: Place) -> None:
    page = read(place)
    place.client("command").post(f"/press/{page}/2/decide", {"verdict": "reject", "reason": "重复"})
    answer = place.client("command").post(f"/press/{page}/2/decide", {"verdict": "confirm"})
    assert answer.status_code == 409
    assert "重复" in answer.content.decode()


def test_script_in_a_page_is_shown_as_text(place: Place) -> None:
    page = read(place, "本报讯 <script>alert(1)</script> 全县新增企业12家。\n")
    assert "<script>alert" not in place.client("command").get(f"/press/{page}/").content.decode()


def test_series_shows_source_and_history(place: Place) -> None:
    series = confirmed(place)
    client = place.client("command")
    html = client.get(f"/published/{series}/").content.decode()
    assert "同比增长6.1%" in html
    assert PAPER in html
    assert "不重新计算" in html
    value = PublishedValue.objects.get().id
    said = {"value_id": str(value), "reason": "版面有误"}
    assert client.post(f"/published/{series}/withdraw", said).status_code == 302
    html = client.get(f"/published/{series}/").content.decode()
    assert "版面有误" in html
    assert "已撤回" in html
    client.post(f"/published/{series}/link", {"figure": "elder_care.sos_cases"})
    assert Series.objects.get().figure == "elder_care.sos_cases"


def test_town_sees_what_the_county_published_and_changes_nothing(place: Place) -> None:
    series = confirmed(place)
    town = place.client("town")
    assert town.get(f"/published/{series}/").status_code == 200
    value = PublishedValue.objects.get().id
    said = {"value_id": str(value), "reason": "不要"}
    assert town.post(f"/published/{series}/withdraw", said).status_code == 404
    assert town.get("/press/").status_code == 404
    assert PublishedValue.objects.get().stands


@pytest.mark.parametrize("role", ["village", "family", "neighbour", "stranger"])
def test_others_find_no_page_of_it(place: Place, role: str) -> None:
    made = begun(place)
    page, series = PressPage.objects.get().id, Series.objects.get().id
    client = place.client(role)
    for address in (
        "/press/", f"/press/{page}/", "/published/", f"/published/{series}/", "/bulletins/",
        f"/bulletins/{made}/", f"/bulletins/{made}/edit", f"/bulletins/{made}/v0.docx",
        "/sheets/published/in", "/sheets/published/out",
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address
    for address in (
        f"/press/{page}/2/decide", f"/press/{page}/add", f"/bulletins/{made}/issue",
        f"/published/{series}/link",
    ):  # fmt: skip
        assert client.post(address, {"verdict": "confirm"}).status_code == 404, address


def test_page_without_sign_in_asks_for_one(place: Place) -> None:
    for address in ("/press/", "/published/", "/bulletins/"):
        assert place.client().get(address)["Location"].startswith("/sign-in/")


def test_editor_changes_words_and_a_changed_number_is_refused(place: Place) -> None:
    made, client = begun(place), place.client("command")
    html = client.get(f"/bulletins/{made}/edit").content.decode()
    assert "⟦1|3.38亿元⟧" in html
    english = text_of(html, "t-en")
    said = {"based_on": "1", "text_en": english}
    touched = said | {"text_zh": text_of(html, "t-zh").replace("3.38", "3.83")}
    answer = client.post(f"/bulletins/{made}/edit", touched)
    assert answer.status_code == 422
    assert "3.83" in answer.content.decode()
    reworded = said | {"text_zh": text_of(html, "t-zh").replace("青禾县", "全县")}
    assert client.post(f"/bulletins/{made}/edit", reworded).status_code == 302
    text = BulletinText.objects.get(n=2)
    assert text.zh.startswith("2026年1月，全县规上工业增加值为{published.")


def text_of(html: str, name: str) -> str:
    return html.split(f'id="{name}"')[1].split(">", 1)[1].split("</textarea>", maxsplit=1)[0]


def test_draft_is_seen_by_editors_only_and_a_release_to_come_too(place: Place) -> None:
    made, client, town = begun(place), place.client("command"), place.client("town")
    assert town.get(f"/bulletins/{made}/").status_code == 404
    said = {"n": "1", "release": "2026-03-03T08:00"}  # tomorrow, by the test's clock
    assert client.post(f"/bulletins/{made}/issue", said).status_code == 422  # who wrote it
    assert "请另一位有发布权的人来发布" in client.get(f"/bulletins/{made}/").content.decode()
    second = place.client("second")
    assert "发布并锁定" in second.get(f"/bulletins/{made}/").content.decode()
    assert second.post(f"/bulletins/{made}/issue", said).status_code == 302
    assert town.get(f"/bulletins/{made}/").status_code == 404
    place.wall.advance(hours=25)
    page = town.get(f"/bulletins/{made}/").content.decode()
    assert 'href="/published/' in page
    assert "3.38亿元" in page
    assert "第 1 版" in page
    assert town.get(f"/bulletins/{made}/edit").status_code == 404
    assert differences() == []


@pytest.mark.parametrize(
    ("form", "begins"), [("docx", b"PK"), ("html", b"<!doctype"), ("pdf", b"%PDF")]
)
def test_bulletin_is_taken_out_in_both_languages(place: Place, form: str, begins: bytes) -> None:
    if form == "pdf":
        pytest.importorskip("weasyprint", exc_type=ImportError)
    made = begun(place)
    for language in ("zh", "en"):
        answer = place.client("command").get(f"/bulletins/{made}/v0.{form}?language={language}")
        assert answer.content.startswith(begins)
        assert f"v0.{form}" in answer["Content-Disposition"]


def test_unknown_format_and_version_are_not_found(place: Place) -> None:
    made, client = begun(place), place.client("command")
    assert client.get(f"/bulletins/{made}/v0.odt").status_code == 404
    assert client.get(f"/bulletins/{made}/v7.docx").status_code == 404
    assert client.get(f"/bulletins/{made}/v7").status_code == 404


def test_english_page_has_its_marks(place: Place) -> None:
    made = begun(place)
    html = place.client("command", "en").get(f"/bulletins/{made}/").content.decode()
    assert "Business data, not official statistics" in html
    assert "338,000,000 yuan" in html
    assert "tied 2nd of" in html


# ---- the API


def asked(client: Client, method: str, address: str, body: Any = None, key: str = "k") -> Any:
    more: dict[str, Any] = {"headers": {"Idempotency-Key": key}}
    if body is not None:
        more |= {"data": json.dumps(body), "content_type": "application/json"}
    return getattr(client, method)(f"/api/v1{address}", **more)


VALUE = {
    "indicator": "规上工业增加值", "scope": "青禾县", "period": "single", "start": "2026-01-01",
    "end": "2026-01-31", "value": "338000000", "unit": "元", "growth": "6.1", "growth_unit": "%",
    "basis": "yoy", "paper": "月报（虚构）", "issued": "2026-02-20",
}  # fmt: skip


def test_api_states_a_value_once_and_refuses_another(place: Place) -> None:
    client = place.client("command")
    first = asked(client, "post", "/published/values", VALUE, "a").json()
    assert asked(client, "post", "/published/values", VALUE, "b").json() == first
    other = asked(client, "post", "/published/values", VALUE | {"value": "1"}, "c")
    assert other.status_code == 422
    whole = asked(client, "get", f"/published/series/{Series.objects.get().id}").json()
    assert [one["value"] for one in whole["values"]] == ["338000000"]
    assert whole["note"][0] == "业务数据，非统计数据"


def test_api_reads_decides_and_writes_a_bulletin(place: Place) -> None:
    client = place.client("command")
    page = {"paper": PAPER, "issued": ISSUED, "text": PAGE}
    made = asked(client, "post", "/press/pages", page, "a").json()["id"]
    whole = asked(client, "get", f"/press/pages/{made}").json()
    start, end = whole["proposals"][0]["fields"]["value"][0]
    assert whole["text"][start:end] == "3.38亿元"
    address = f"/press/pages/{made}/proposals/1"
    value = asked(client, "post", address, {"verdict": "confirm"}, "b").json()["value_id"]
    assert PublishedValue.objects.get().id == value
    assert asked(client, "post", address, {"verdict": "confirm"}, "c").status_code == 409
    new = {
        "kind": "special", "period": "2026-01", "title_zh": "专报", "title_en": "Special",
        "figures": [f"published.{Series.objects.get().id}"],
    }  # fmt: skip
    bulletin = asked(client, "post", "/bulletins", new, "d").json()["id"]
    whole = asked(client, "get", f"/bulletins/{bulletin}").json()
    assert "3.38亿元" in whole["shown"][0]
    text = {"zh": whole["text"][0] + "增长6%。", "en": whole["text"][1], "based_on": 1}
    assert asked(client, "post", f"/bulletins/{bulletin}/texts", text, "e").status_code == 422
    address, second = f"/bulletins/{bulletin}/issue", place.client("second")
    assert asked(client, "post", address, {"n": 1}, "f").status_code == 422
    assert asked(second, "post", address, {"n": 1}, "g").json() == {"version": 1}
    assert asked(client, "get", f"/bulletins/{bulletin}?version=1").json()["versions"] == [1]


@pytest.mark.parametrize("role", ["town", "village", "family", "stranger"])
def test_api_refuses_who_may_not_edit(place: Place, role: str) -> None:
    client = place.client(role)
    assert asked(client, "post", "/published/values", VALUE).status_code == 404
    page = {"paper": PAPER, "issued": ISSUED, "text": PAGE}
    assert asked(client, "post", "/press/pages", page).status_code == 404
    assert not PressProposal.objects.exists()


@pytest.mark.parametrize(("verbs", "scenarios", "status"), [
    (("read", "press"), (), 200), (("read",), (), 403), (("read", "press"), ("elder_care",), 404),
])  # fmt: skip
def test_key_does_what_it_was_made_for(
    place: Place, verbs: tuple[str, ...], scenarios: tuple[str, ...], status: int
) -> None:
    wanted = Wanted("统计系统", place.person("command"), 30, scenarios, verbs)
    client = Client(headers={"Authorization": f"Bearer {make(wanted, Desk.here())}"})
    assert asked(client, "post", "/published/values", VALUE).status_code == status


def test_page_says_so_where_no_pdf_can_be_made(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the library the bulletin says it beside the button; with it, it does not."""
    made = begun(place)
    monkeypatch.setattr("bihuan.console.bulletins.pages.can_pdf", lambda: False)
    html = place.client("command").get(f"/bulletins/{made}/").content.decode()
    assert "这台服务器没有装 PDF 组件" in html
    monkeypatch.setattr("bihuan.console.bulletins.pages.can_pdf", lambda: True)
    html = place.client("command").get(f"/bulletins/{made}/").content.decode()
    assert "这台服务器没有装 PDF 组件" not in html
