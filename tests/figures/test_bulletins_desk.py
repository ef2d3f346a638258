"""Bulletins written, locked and taken out: who may, what is refused, what every file carries."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from docx import Document

from bihuan.base.errors import BadInputError
from bihuan.base.time import HOUR_US
from bihuan.figures.bulletins import export, spoken
from bihuan.figures.bulletins.acts import Desk, Draft, NewBulletin, bound_of
from bihuan.figures.bulletins.models import Bulletin, BulletinText
from bihuan.figures.bulletins.paper import BUSINESS, Head, Paper, paper
from bihuan.figures.bulletins.source import Asked
from bihuan.figures.published.acts import Publisher, Statement
from bihuan.figures.published.models import Series
from bihuan.loop.act import ForbiddenError, TakenError
from bihuan.register.entries import Actor
from tests.console.place import Place
from tests.figures.newspaper import said, source
from tests.figures.told_figures import AREA, KEY, PERIOD, Figures, bound, points, told
from tests.rebuilt import differences

# ---- the desk

pages = pytest.mark.django_db(databases="__all__")


def by(place: Place, role: str = "command") -> Actor:
    return Actor(person_id=place.person(role), role="county_command", via="page")


def begun(place: Place, figures: list[str] | None = None) -> int:
    new = NewBulletin(
        place.people.county,
        "monthly",
        PERIOD,
        ("二月简报", "February bulletin"),
        figures or ["test.answered"],
    )
    return Desk(place.clock).begin(new, by(place))


def issue(place: Place, bulletin_id: int, n: int, reason: str = "") -> int:
    now_us = place.clock.now_us()
    second = Actor(person_id=place.second(), role="county_command", via="page")
    return Desk(place.clock).issue(bulletin_id, n, now_us, reason, second)


@pages
def test_first_text_says_each_figure_in_both_languages(place: Place, figures: Figures) -> None:
    row = BulletinText.objects.get(bulletin_id=begun(place))
    assert row.zh == f"2026年2月，青禾县按时应答率为{KEY}，{KEY[:-1]}|growth}}。"
    assert row.en.startswith(f"Answered in time, Qinghe, February 2026: {KEY}, ")
    assert bound_of(row)[KEY.strip("{}")].told.denominator == "200"
    assert differences() == []


@pages
def test_issued_text_is_locked_with_version_and_trail(place: Place, figures: Figures) -> None:
    made = begun(place)
    assert issue(place, made, 1) == 1
    with pytest.raises(TakenError):
        issue(place, made, 1)
    desk = Desk(place.clock)
    desk.write(made, Draft(f"更正：{KEY}。", f"Corrected: {KEY}.", 1), by(place))
    with pytest.raises(BadInputError, match="reason"):
        issue(place, made, 2)
    assert issue(place, made, 2, "用词更正") == 2
    rows = BulletinText.objects.filter(bulletin_id=made).order_by("n")
    assert [(row.version, row.reason) for row in rows] == [(1, None), (2, "用词更正")]
    assert rows[0].zh.startswith("2026年2月")  # the first version stays as it was
    assert differences() == []


@pages
def test_who_wrote_does_not_issue_and_a_second_person_does(place: Place, figures: Figures) -> None:
    """Whoever saved any text since the last version is one who wrote, though another saved last."""
    made, desk = begun(place), Desk(place.clock)
    second = Actor(person_id=place.second(), role="county_command", via="page")
    with pytest.raises(BadInputError, match="second person"):
        desk.issue(made, 1, place.clock.now_us(), "", by(place))
    desk.write(made, Draft(f"又：{KEY}。", f"Again: {KEY}.", 1), second)
    for person in (by(place), second):
        with pytest.raises(BadInputError, match="second person"):
            desk.issue(made, 2, place.clock.now_us(), "", person)
    third = place.registrar.person("邵文清", "Shao Wenqing", "0990 3000 0009", ["screen"])
    place.registrar.post(third, "statistician", place.people.county)
    writes_only = Actor(person_id=third, role="statistician", via="page")
    with pytest.raises(ForbiddenError):
        desk.issue(made, 2, place.clock.now_us(), "", writes_only)
    place.registrar.post(third, "county_command", place.people.county)
    assert desk.issue(made, 2, place.clock.now_us(), "", writes_only) == 1
    desk.write(made, Draft(f"更正：{KEY}。", f"Corrected: {KEY}.", 2), second)
    assert desk.issue(made, 3, place.clock.now_us(), "更正", by(place)) == 2
    assert differences() == []


@pages
def test_figure_that_changed_meanwhile_is_looked_at_before_issue(
    place: Place, figures: Figures
) -> None:
    made = begun(place)
    figures.says = told(value="97")
    with pytest.raises(BadInputError, match="it changed"):
        issue(place, made, 1)
    assert Bulletin.objects.get().version == 0


@pages
def test_issued_number_does_not_move_with_its_figure(place: Place, figures: Figures) -> None:
    made = begun(place)
    issue(place, made, 1)
    figures.says = told(value="12")
    row = BulletinText.objects.get(bulletin_id=made)
    assert bound_of(row)[KEY.strip("{}")].told.value == "98.5"


@pages
def test_second_editor_is_told_who_saved_first(place: Place, figures: Figures) -> None:
    made, desk = begun(place), Desk(place.clock)
    desk.write(made, Draft(f"甲{KEY}", f"A {KEY}", 1), by(place))
    with pytest.raises(TakenError) as taken:
        desk.write(made, Draft(f"乙{KEY}", f"B {KEY}", 1), by(place))
    assert taken.value.by == place.person("command")


@pages
@pytest.mark.parametrize(
    ("zh", "en", "field"),
    [
        ("按时应答率为98.5%。", f"{KEY}", "text_zh"),
        (KEY, "no number", "text_en"),
        ("{nobody.knows:990100:2026-02}", KEY, "text_zh"),
        (KEY, "", "text_en"),
        (KEY.replace("}", "|odd}"), KEY, "text_zh"),
        (f"{KEY}，创历史新高。".replace("98.5", ""), f"{KEY}" * 4000, "text_en"),
    ],
)
def test_text_with_a_fault_is_not_saved(
    place: Place, figures: Figures, zh: str, en: str, field: str
) -> None:
    made = begun(place)
    with pytest.raises(BadInputError, match=field):
        Desk(place.clock).write(made, Draft(zh, en, 1), by(place))
    assert BulletinText.objects.count() == 1


@pages
@pytest.mark.parametrize("role", ["town", "village", "family", "stranger"])
def test_who_may_not_edit_is_refused(place: Place, figures: Figures, role: str) -> None:
    made, desk = begun(place), Desk(place.clock)
    for do in (
        lambda: desk.write(made, Draft(KEY, KEY, 1), by(place, role)),
        lambda: desk.issue(made, 1, place.clock.now_us(), "", by(place, role)),
        lambda: desk.withdraw(made, "不行", by(place, role)),
    ):
        with pytest.raises(ForbiddenError):
            do()


@pages
def test_figure_that_nobody_knows_begins_nothing(place: Place, figures: Figures) -> None:
    with pytest.raises(BadInputError, match="figures"):
        begun(place, ["test.answered", "nobody.knows"])
    assert not Bulletin.objects.exists()


@pages
def test_title_without_numbers_or_claims(place: Place, figures: Figures) -> None:
    new = NewBulletin(
        place.people.county, "special", PERIOD, ("应答率98%创新高", "x"), ["test.answered"]
    )
    with pytest.raises(BadInputError, match="title_zh"):
        Desk(place.clock).begin(new, by(place))


@pages
def test_published_series_is_quoted_with_its_source_and_qualifier(place: Place) -> None:
    press = Publisher(place.clock, place.keys)
    given = Statement(said(qualifier="超"), source())
    press.state(place.people.county, given, by(place))
    series = Series.objects.get()
    held = Asked().bound(f"published.{series.id}", AREA, "2026-01")
    assert held is not None
    assert spoken.amount(held.told, "zh") == "超3.38亿元"
    assert held.told.is_published
    assert "月报（虚构） 2026-02-20" in held.told.source[0]
    assert Asked().bound(f"published.{series.id}", AREA, "2026-03") is None


@pages
def test_withdrawn_bulletin_takes_no_more_text(place: Place, figures: Figures) -> None:
    made, desk = begun(place), Desk(place.clock)
    desk.withdraw(made, "来源有误", by(place))
    with pytest.raises(TakenError):
        desk.write(made, Draft(KEY, KEY, 1), by(place))


@pages
def test_release_may_not_lie_far_ahead(place: Place, figures: Figures) -> None:
    made = begun(place)
    with pytest.raises(BadInputError, match="release"):
        Desk(place.clock).issue(made, 1, place.clock.now_us() + 2500 * HOUR_US, "", by(place))


# ---- files


def printed(mode: str = "demo", version: int = 1, **changed: object) -> Paper:
    head = Head(
        language="zh",
        title="二月简报",
        place="青禾县",
        period="2026年2月",
        mode=mode,
        version=version,
        issued="2026-03-02",
        digest="ab" * 32,
    )
    held = bound(told(**changed), points("91", "95", "97.2", "96", "98.5"))
    return paper(head, f"按时应答率为{KEY}，{KEY[:-1]}|growth}}。", held)


def test_word_file_links_each_number_to_its_definition_and_carries_the_marks() -> None:
    made = export.exported(printed(is_provisional=True), "docx")
    doc = Document(io.BytesIO(made.content))
    xml = doc.element.xml
    assert 'w:anchor="figure-1"' in xml
    assert 'w:name="figure-1"' in xml
    header = doc.sections[0].header.paragraphs[0].text
    assert header == "演示 · 业务数据，非统计数据"
    footer = doc.sections[0].footer.paragraphs[0]._p.xml
    assert all(f'w:instr="{one}"' in footer for one in ("PAGE", "NUMPAGES"))
    words = "\n".join(line.text for line in doc.paragraphs)
    assert "口径：按时应答的呼救" in words
    assert "98.5%（初步）" in xml
    assert "按时应答的呼救 ÷ 全部呼救" in words
    chart = zipfile.ZipFile(io.BytesIO(made.content)).read("word/charts/chart1.xml").decode()
    assert re.findall(r"<c:v>([\d.]+)</c:v>", chart) == ["91", "95", "97.2", "96", "98.5"]


def test_pdf_file_is_made_with_the_library() -> None:
    pytest.importorskip("weasyprint", exc_type=ImportError)
    made = export.exported(printed(), "pdf")
    assert made.form == "pdf"
    assert made.content.startswith(b"%PDF-")


def test_without_the_pdf_library_html_comes_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_name: str) -> None:
        raise OSError("libpango")

    monkeypatch.setattr("bihuan.figures.bulletins.export.importlib.import_module", gone)
    made = export.exported(printed(), "pdf")
    assert (made.form, made.instead_of) == ("html", "pdf")
    assert BUSINESS["zh"] in made.content.decode()


def test_html_file_loads_nothing_and_escapes_words() -> None:
    made = export.exported(printed(title=("<b>率", "rate")), "html")
    html = made.content.decode()
    assert not re.search(r"(?:src|href)=\"(?!#)", html)
    assert "<b>率" not in html
    assert 'href="#figure-1"' in html
    assert html.count("<rect") == 5


@pytest.mark.parametrize(
    ("mode", "version", "marks"), [("live", 1, 1), ("drill", 1, 2), ("demo", 0, 3)]
)
def test_marks_say_what_a_paper_is(mode: str, version: int, marks: int) -> None:
    assert len(printed(mode=mode, version=version).marks) == marks


def test_unknown_format_is_refused() -> None:
    with pytest.raises(BadInputError, match="form"):
        export.exported(printed(), "odt")
