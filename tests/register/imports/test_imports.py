"""Files in: told by cell, published once, the same again; the rows are what the file says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.register import schemes
from bihuan.register.acts import Registrar
from bihuan.register.entries import Actor
from bihuan.register.imports.entries import Which
from bihuan.register.imports.models import Import, Staged, StagedRow
from bihuan.register.imports.publish import Publisher, publish
from bihuan.register.imports.staging import Desk, counts_of, drop_old, faults_of
from bihuan.register.models import Area, Contact, Device, Person, Post, Subject
from bihuan.register.parties.models import HouseholdMember, Party
from bihuan.register.records.models import Record
from bihuan.register.rosters.models import RosterOverride
from bihuan.scenarios import load
from tests.rebuilt import differences
from tests.register.imports.sheets import Rows, as_csv, resident, xlsx
from tests.register.kitchen import KITCHEN, ROLES, SIGNALS

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]
CLERK = Actor(person_id=None, role="registrar", via="import")


@dataclass
class Office:
    """Where files are handed in."""

    clock: MovableClock
    keys: KeyRing
    desk: Desk
    town: int
    village: int

    def stage(self, kind: str, rows: Rows, **more: object) -> Staged:
        return self.desk.stage(kind, "a.xlsx", xlsx(rows, **more))  # type: ignore[arg-type]

    def faults(self, staged: Staged) -> list[tuple[str, str]]:
        """(cell, field) of every fault."""
        return [(fault.cell, fault.field) for fault in faults_of(staged, self.keys)]

    def take(self, kind: str, rows: Rows, which: Which = "all") -> Import:
        """Stage, publish and do every row."""
        staged = self.stage(kind, rows)
        assert which == "good" or faults_of(staged, self.keys) == []
        done = publish(staged.id, which, self.clock, CLERK)
        self.work()
        return Import.objects.get(id=done)

    def work(self) -> None:
        Publisher(self.clock, self.keys, rest=lambda _s: None).run()

    def counts(self, kind: str, rows: Rows) -> tuple[int, int, int, int]:
        found = counts_of(self.stage(kind, rows))
        return found["new"], found["changed"], found["same"], found["faulty"]


@pytest.fixture
def office(county: str, clock: MovableClock, keys: KeyRing) -> Iterator[Office]:
    load()
    schemes.install(KITCHEN, SIGNALS, ROLES)
    registrar = Registrar(clock, keys)
    top = registrar.area("990100", ("青禾县", "Qinghe"), "county", None)
    town = registrar.area("990100008", ("青石镇", "Qingshi"), "town", top)
    village = registrar.area("990100008202", ("石桥村", "Shiqiao"), "village", town)
    made = Office(clock, keys, Desk(clock, keys, CLERK), town, village)
    yield made
    found = differences()
    schemes.forget(KITCHEN.scenario)
    assert found == [], "a rebuild gives other rows"


PEOPLE: Rows = [
    ["姓名", "身份证号", "手机", "区划代码", "住址"],
    ["王桂兰", resident(1), "139 1234 5566", "990100008202", "3 组 12 号"],
    ["李建国", resident(2), "13812345678", "990100008", ""],
    ["陈晓", "", "13712345678", "", ""],
]


def test_persons_are_new_once_then_same_then_changed(office: Office) -> None:
    done = office.take("persons", PEOPLE)
    assert (done.rows, done.done, done.refused, done.left_out) == (3, 3, 0, 0)
    names = {office.keys.open(p.name): office.keys.open(p.phone) for p in Person.objects.all()}
    assert names == {"王桂兰": "139 1234 5566", "李建国": "13812345678", "陈晓": "13712345678"}
    assert Party.objects.get(area_id=office.village, kind="person")
    assert office.counts("persons", PEOPLE) == (0, 0, 3, 0)
    moved = [PEOPLE[0], ["王桂兰", resident(1), "13900000000", "990100008", "3 组 12 号"]]
    assert office.counts("persons", moved) == (0, 1, 0, 0)
    office.take("persons", moved)
    assert Person.objects.count() == 3
    assert office.counts("persons", moved) == (0, 0, 1, 0)
    assert Party.objects.filter(area_id=office.town, kind="person").count() == 2


def test_publishing_is_one_short_entry_and_the_rows_are_their_own(office: Office) -> None:
    before = Entry.objects.filter(lane=FACTS_LANE).order_by("-position")[0].position
    staged = office.stage("persons", PEOPLE)
    assert not Entry.objects.filter(lane=FACTS_LANE, position__gt=before).exists()
    publish(staged.id, "all", office.clock, CLERK)
    (entry,) = Entry.objects.filter(lane=FACTS_LANE, position__gt=before)
    assert entry.type == "import.published.v1"
    assert len(bytes(entry.body or b"")) < 400
    said = json.loads(bytes(entry.body or b""))
    assert (said["digest"], said["rows"], said["which"]) == (staged.digest, 3, "all")
    assert publish(staged.id, "all", office.clock, CLERK) == Import.objects.get().id
    office.work()
    assert Entry.objects.filter(type="person.registered.v1").count() == 3
    assert StagedRow.objects.count() == 0


def test_crash_between_slices_is_finished_by_the_next_run(office: Office) -> None:
    staged = office.stage("persons", PEOPLE)
    publish(staged.id, "all", office.clock, CLERK)
    again = office.stage("persons", PEOPLE)  # the same file from another desk, looked at too early
    assert counts_of(again)["new"] == 3
    first = Publisher(office.clock, office.keys, rest=lambda _s: None)
    assert first.run_once() > 0
    publish(again.id, "all", office.clock, CLERK)
    office.work()
    assert Person.objects.count() == 3
    assert list(Import.objects.order_by("id").values_list("done", "refused")) == [(3, 0), (3, 0)]


def test_staged_rows_are_sealed_and_forgotten_after_two_days(office: Office) -> None:
    staged = office.stage("persons", [*PEOPLE, ["无号", "", "", "", ""]])
    stored = b"".join(bytes(row.said) for row in StagedRow.objects.all()) + bytes(staged.faults)
    assert "王桂兰".encode() not in stored
    assert b"5566" not in stored
    assert drop_old(office.clock.now_us()) == 0
    office.clock.advance(days=2, seconds=1)
    assert drop_old(office.clock.now_us()) == 1
    assert not StagedRow.objects.exists()
    assert not Staged.objects.exists()


def test_faults_are_told_by_cell_and_the_good_rows_can_go(office: Office) -> None:
    rows: Rows = [
        ["人员名册", "", "", ""],
        ["姓名", "身份证号", "手机", "区划代码"],
        ["甲", resident(1), "13912345678", "990100008202"],
        ["乙", resident(2)[:-1] + "A", "139", "990100008202"],
        ["丙", "", "", ""],
        ["丁", resident(4), "13912345679", "999"],
        ["", resident(5), "13912345670", ""],
        ["戊", resident(1), "13912345671", ""],
    ]
    staged = office.stage("persons", rows)
    assert office.faults(staged) == [
        ("C4", "phone"),
        ("B5", "identity_number"),
        ("D6", "area_code"),
        ("A7", "name"),
        ("A8", "name"),
    ]
    with pytest.raises(BadInputError, match="5 faulty rows"):
        publish(staged.id, "all", office.clock, CLERK)
    assert not Import.objects.exists()
    publish(staged.id, "good", office.clock, CLERK)
    office.work()
    assert [office.keys.open(p.name) for p in Person.objects.all()] == ["甲"]
    assert Import.objects.get().left_out == 5


def test_wrong_checksum_is_told_without_the_number(office: Office) -> None:
    number = resident(7)
    wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
    staged = office.stage("persons", [["姓名", "身份证号"], ["甲", wrong]])
    (fault,) = faults_of(staged, office.keys)
    assert (fault.sheet, fault.row, fault.column, fault.cell) == ("名册", 2, "身份证号", "B2")
    assert number[:17] not in fault.got + fault.want


def test_formulas_merged_cells_and_rounded_numbers_are_faults(office: Office) -> None:
    rows: Rows = [
        ["姓名", "身份证号", "手机"],
        ["甲", resident(1), "13912345678"],
        ["乙", 990101195001010017, "13912345679"],
        ["丙", resident(3), "13912345670"],
        ["丁", resident(4), "13912345671"],
    ]
    staged = office.stage("persons", rows, formulas={"C2": "=1+41"}, merged=["A4:A5"])
    found = faults_of(staged, office.keys)
    assert [(fault.cell, fault.got) for fault in found] == [
        ("C2", "a formula"),
        ("B3", "a number of 16 digits or more"),
        ("A4", "merged cells A4:A5"),
        ("A5", "merged cells A4:A5"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_both_encodings_and_its_formulas_are_faults(
    office: Office, encoding: str
) -> None:
    rows = [*PEOPLE, ["=HYPERLINK(1)", "", "13600000000", "", ""]]
    staged = office.desk.stage("persons", "a.csv", as_csv(rows, encoding))
    assert counts_of(staged)["new"] == 3
    assert office.faults(staged) == [("A5", "name")]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_csv_is_read_whatever_parts_its_columns(office: Office, separator: str) -> None:
    content = as_csv(PEOPLE, "utf-8").replace(b",", separator.encode())
    assert counts_of(office.desk.stage("persons", "a.csv", content))["new"] == 3


def test_utf_16_is_named(office: Office) -> None:
    content = as_csv(PEOPLE, "utf-8").decode().encode("utf-16")
    with pytest.raises(BadInputError, match="file: got UTF-16, want UTF-8 or GB 18030"):
        office.desk.stage("persons", "a.csv", content)


def test_nul_in_a_cell_is_told_by_cell(office: Office) -> None:
    rows = [*PEOPLE, ["王\0小", "", "13600000000", "", ""]]
    staged = office.desk.stage("persons", "a.csv", as_csv(rows, "utf-8"))
    assert counts_of(staged)["new"] == 3
    assert office.faults(staged) == [("A5", "name")]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.xlsx", b"no zip"), ("a.pdf", b"%PDF"), ("a.csv", b"\xff\xfe\x00\x81"), ("a.csv", b"")],
)
def test_what_is_no_spreadsheet_is_refused(office: Office, name: str, content: bytes) -> None:
    with pytest.raises(BadInputError, match="file: got"):
        office.desk.stage("persons", name, content)


def test_headings_in_english_and_by_hand_are_remembered(office: Office) -> None:
    english: Rows = [["Name", "Identity number", "Phone"], ["甲", resident(1), "13912345678"]]
    assert office.counts("persons", english) == (1, 0, 0, 0)
    odd: Rows = [["村民", "证件", "Phone"], ["甲", resident(1), "13912345678"]]
    assert not office.stage("persons", odd).is_readable
    told = {"村民": "name", "证件": "identity_number"}
    assert counts_of(office.desk.stage("persons", "a.xlsx", xlsx(odd), told))["new"] == 1
    assert office.counts("persons", odd) == (1, 0, 0, 0)
    with pytest.raises(BadInputError, match=r"mapping\.村民"):
        office.desk.stage("persons", "a.xlsx", xlsx(odd), {"村民": "mood"})


AREAS: Rows = [
    ["区划代码", "名称", "级别", "上级代码", "自编代码"],
    ["99010000820201", "东自然村", "自然村", "990100008202", "是"],
    ["990100009201", "新村", "village", "990100009", "是"],
    ["990100009", "新镇", "镇（街道）", "990100", "是"],
]


def test_areas_come_with_their_parents_in_any_order(office: Office) -> None:
    office.take("areas", AREAS)
    path = Area.objects.get(code="990100009201").path
    names = [Area.objects.get(id=int(part)).name for part in path.split(".") if part]
    assert names == ["青禾县", "新镇", "新村"]
    assert office.counts("areas", AREAS) == (0, 0, 3, 0)
    office.clock.advance(days=1)
    renamed = [AREAS[0], ["990100009", "新城镇", "town", "990100", "是"]]
    assert office.counts("areas", renamed) == (0, 1, 0, 0)
    office.take("areas", renamed)
    assert Area.objects.get(code="990100009").name == "新城镇"


def test_cyclic_areas_and_levels_upside_down_are_told_by_cell(office: Office) -> None:
    rows: Rows = [
        AREAS[0],
        ["9901001", "甲", "town", "9901002", "是"],
        ["9901002", "乙", "town", "9901001", "是"],
        ["9901003", "丙", "town", "990100008202", "是"],
        ["9901004", "丁", "hamlet", "990100", "是"],
        ["9901005", "戊", "village", "8", "是"],
    ]
    staged = office.stage("areas", rows)
    assert office.faults(staged) == [
        ("D2", "parent_code"),
        ("D3", "parent_code"),
        ("D4", "parent_code"),
        ("C5", "level"),
        ("D6", "parent_code"),
    ]
    assert "9901001 > 9901002 > 9901001" in faults_of(staged, office.keys)[0].got


def test_overlapping_posts_are_told_by_cell_also_within_the_file(office: Office) -> None:
    office.take("persons", PEOPLE)
    head = ["人员姓名", "人员身份证号", "岗位", "区划代码", "起始日期", "终止日期", "一人一岗"]
    wang, li = ["王桂兰", resident(1)], ["李建国", resident(2)]
    good: Rows = [
        head,
        [*wang, "村值班", "990100008202", "2026-01-01", "2026/6/30", "是"],
        [*li, "村值班", "990100008202", "2026年7月1日", "", "是"],
    ]
    overlapping: Rows = [
        *good,
        [*li, "村值班", "990100008202", "2026-03-01", "2026-04-01", ""],
        [*wang, "没有的岗位", "990100008202", "", "", ""],
        ["没有的人", "", "村值班", "990100008202", "", "", ""],
    ]
    staged = office.stage("posts", overlapping)
    assert office.faults(staged) == [("E4", "from"), ("C5", "role"), ("A6", "person_phone")]
    office.take("posts", good)
    assert list(Post.objects.order_by("id").values_list("role", flat=True)) == ["village_duty"] * 2
    assert office.counts("posts", good) == (0, 0, 2, 0)
    assert office.counts("posts", [head, overlapping[3]]) == (0, 0, 0, 1)


def every_other_file() -> dict[str, Rows]:
    wang, li = ["王桂兰", resident(1)], ["李建国", resident(2)]
    turn = ["镇值班", "990100008", "镇（街道）值班", "夜", "2026-03-05 20:00", "2026-03-06 08:00"]
    return {
        "households": [
            ["户号", "区划代码", "成员姓名", "成员身份证号", "户主"],
            ["H1", "990100008202", *wang, "是"],
            ["H1", "990100008202", *li, "否"],
        ],
        "legal_entities": [
            ["统一社会信用代码", "名称", "区划代码"],
            ["91990100MA0000000D", "青禾粮油", "990100008"],
        ],
        "organisations": [
            ["机构名称", "类别", "区划代码", "上级机构"],
            ["值班室", "工作组", "990100", "应急局"],
            ["应急局", "部门", "990100", ""],
        ],
        "elder_care.elder": [
            ["对象姓名", "对象身份证号", "区划代码", "住址", "居住情况", "健康情况"],
            [*wang, "990100008202", "3 组 12 号", "独居", "高血压"],
        ],
        "contacts": [
            ["场景", "对象姓名", "对象身份证号", "联系人姓名", "联系人电话", "关系"],
            ["elder_care", *wang, "陈晓", "13712345678", "女儿"],
        ],
        "devices": [
            ["协议", "设备号", "场景", "佩戴人姓名", "佩戴人身份证号"],
            ["watch", "9900000001", "elder_care", *wang],
            ["watch", "9900000002", "", "", ""],
        ],
        "rosters": [
            ["值班表", "区划代码", "岗位", "班次", "开始", "结束", "值班人姓名", "值班人身份证号"],
            [*turn, *li],
            [*turn, *wang],
        ],
    }


def test_households_firms_organisations_contacts_devices_and_rosters(office: Office) -> None:
    office.take("persons", PEOPLE)
    for kind, rows in every_other_file().items():
        done = office.take(kind, rows)
        assert (done.done, done.refused) == (len(rows) - 1, 0), kind
        assert office.counts(kind, rows) == (0, 0, len(rows) - 1, 0), kind
    assert HouseholdMember.objects.filter(is_head=True).count() == 1
    assert Contact.objects.get().relation == "女儿"
    subject = Subject.objects.get(kind="elder")
    assert Device.objects.get(number="9900000001").subject_id == subject.id
    newest = RosterOverride.objects.order_by("-id")[0]
    assert len(json.loads(newest.people)) == 2


def test_records_of_any_scheme_are_filed_once_and_units_are_not_mixed(office: Office) -> None:
    office.take(
        f"{KITCHEN.scenario}.unit",
        [
            ["对象名称", "区划代码", "licence", "phone"],
            ["石桥中央厨房", "990100008202", "JY0001", "0990 1234"],
        ],
    )
    kind = f"{KITCHEN.scenario}.batch"
    head = ["对象名称", "dish", "cooked", "core"]
    first = ["石桥中央厨房", "红烧肉", "2026-03-01 10:30", "75.5"]
    good: Rows = [head, first, ["石桥中央厨房", "鸡汤", "2026-03-01 11:00", "80 ℃"]]
    office.take(kind, good)
    assert office.counts(kind, good) == (0, 0, 2, 0)
    assert Record.objects.filter(kind="batch").count() == 2
    mixed: Rows = [head, ["石桥中央厨房", "粥", "2026-03-01 11:00", "167 ℉"]]
    assert office.faults(office.stage(kind, mixed)) == [("D2", "core")]
    heading: Rows = [["对象名称", "dish", "cooked", "core(℉)"], first]
    staged = office.stage(kind, heading)
    assert (staged.is_readable, office.faults(staged)) == (False, [("D1", "core")])


def test_twenty_thousand_rows_with_faults_in_ten_tell_exactly_these(office: Office) -> None:
    rows = [[f"人{n}", f"139{n:08}", "990100008202"] for n in range(20_000)]
    bad_rows = [7, 500, 501, 4_096, 9_999, 10_000, 12_345, 15_000, 19_998, 19_999]
    for n in bad_rows:
        rows[n][1] = "x"
    staged = office.desk.look("persons", "a.csv", as_csv([["姓名", "电话", "区划代码"], *rows]))
    assert [f.cell for f in staged.every_fault()] == [f"B{n + 2}" for n in bad_rows]
    assert (staged.count("new"), staged.count("faulty")) == (19_990, 10)
