"""Files out: definitions on top, masked unless opened, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from bihuan.base.time import MovableClock
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.register import rights
from bihuan.register.acts import Registrar
from bihuan.register.entries import Actor
from bihuan.register.imports.export import Exporter, Wanted
from bihuan.register.imports.sheet import read
from bihuan.register.imports.staging import Desk
from bihuan.register.masking import Personal, masked
from bihuan.register.parties.acts import NewPerson, PartyActs
from bihuan.register.rights import REGISTER, for_user, grant
from tests.register.imports.sheets import resident

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]
CLERK = Actor(person_id=None, role="registrar", via="test")


@pytest.fixture(autouse=True)
def grants() -> Iterator[None]:
    before = dict(rights._grants)
    grant(REGISTER, "counter", ("see", "export"))
    yield
    rights._grants.clear()
    rights._grants.update(before)


@pytest.fixture
def people(county: str, clock: MovableClock, keys: KeyRing) -> dict[str, int]:
    """Two villages with a person each; a registrar and a counter of the first; a stranger."""
    to = Registrar(clock, keys)
    to.county("青禾县", "Qinghe", "demo")
    top = to.area("990100", ("青禾县", "Qinghe"), "county", None)
    found = {}
    acts = PartyActs(clock, keys)
    for n, name in enumerate(("=cmd|' /C calc'!A0", "李建国")):
        village = to.area(f"99010{n + 1}", (f"村{n}", f"V{n}"), "village", top)
        found[f"village{n}"] = village
        acts.person(
            NewPerson(
                name=(name, ""),
                phone="139 1234 5566",
                identity_number=resident(n),
                area_id=village,
                address="3 组 12 号",
            )
        )
    for role in ("registrar", "counter"):
        found[role] = to.person(role, role, None)
        to.post(found[role], role, found["village0"])
    found["stranger"] = to.person("陌生人", "Stranger", None)
    return found


def exported(person: int | None, clock: MovableClock, keys: KeyRing, form: str) -> bytes:
    mine = None if person is None else for_user(person, clock.now_us())
    exporter = Exporter(clock, keys, CLERK, mine)
    return exporter.export(Wanted("persons", form, {}, "何晓梅")).content  # type: ignore[arg-type]


def test_export_tells_what_it_is_and_masks_without_the_right_to_open(
    people: dict[str, int], clock: MovableClock, keys: KeyRing
) -> None:
    text = exported(people["counter"], clock, keys, "csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    head = {row[0]: row[1] for row in rows if row[0].startswith("# ")}
    assert head["# 标记"].startswith("演示")
    assert head["# 口径"].startswith("在册、在世的人员")
    assert (head["# 导出人"], head["# 行数"], head["# 筛选"]) == ("何晓梅", "1", "无")
    assert head["# 导出时间"] == "2026-03-02 08:00 (+08:00)"
    assert head["# 个人信息"].startswith("已遮蔽")
    said = dict(zip(rows[len(head)], rows[len(head) + 1], strict=True))
    assert (said["电话"], said["住址"], said["姓名"]) == ("139****5566", "", "'=**")
    assert said["身份证号"].startswith("990****")
    assert rows[len(head) + 2 :] == []
    last = Entry.objects.filter(lane=FACTS_LANE).order_by("-position")[0]
    assert last.type == "export.made.v1"
    assert b'"is_open":false' in bytes(last.body or b"")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_opened_export_runs_nothing_and_comes_back_as_the_same_rows(
    people: dict[str, int], clock: MovableClock, keys: KeyRing, form: str
) -> None:
    content = exported(people["registrar"], clock, keys, form)
    (sheet,) = read(f"a.{form}", content)
    assert sheet.odd == {}
    cells = [cell for row in sheet.rows for cell in row]
    assert "'=cmd|' /C calc'!A0" in cells
    assert not any(cell.startswith("=") for cell in cells)
    assert "139 1234 5566" in cells
    whole = exported(None, clock, keys, form)
    desk = Desk(clock, keys, CLERK)
    assert desk.look("persons", f"a.{form}", whole).count("same") == 1
    (_sheet,) = read(f"a.{form}", whole)


def test_export_by_a_stranger_is_refused_and_leaves_no_entry(
    people: dict[str, int], clock: MovableClock, keys: KeyRing
) -> None:
    before = Entry.objects.filter(lane=FACTS_LANE).count()
    with pytest.raises(PermissionError):
        exported(people["stranger"], clock, keys, "csv")
    assert Entry.objects.filter(lane=FACTS_LANE).count() == before


@pytest.mark.parametrize(
    ("what", "text", "shown"),
    [
        ("name", "王桂兰", "王**"),
        ("latin", "Wang Guilan", "Wang **"),
        ("phone", "139 1234 5566", "139****5566"),
        ("phone", "0990 4000 0001", "099****0001"),
        ("phone", "12345", "****45"),
        ("phone", "110", "****"),
        ("identity_number", "990101195001010017", "990****17"),
        ("address", "3 组 12 号", ""),
        ("text", "高血压", ""),
        ("name", "", ""),
    ],
)
def test_masking_shows_as_much_as_a_list_may(what: Personal, text: str, shown: str) -> None:
    assert masked(what, text) == shown
