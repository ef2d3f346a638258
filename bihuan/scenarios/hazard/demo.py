"""An invented storm night and an invented hazard in 青禾县.

The founding texts tell of a standing check of hazards, of 发现、督办、整改、反馈, of micro-parks
looked over (小微企业园安全隐患排查整治), of gauges for rain and standing water, and of calling out
under a high rainstorm warning so that nobody is hurt (叫应、杜绝伤亡). Every name, place, amount
and time here is invented, the station's too; the warning is an exercise.
"""

from __future__ import annotations

from typing import Any

from bihuan.loop.callout.acts import Order, Words
from bihuan.loop.callout.who import Whom
from bihuan.loop.cases.report import Report
from bihuan.loop.scenario import Cast, DemoFrame, DemoPhone, DemoSensor, Stage, Warned
from bihuan.register.records.models import Record
from bihuan.register.records.opening import Opening
from bihuan.register.subjects.acts import NewSubject

SCENARIO, COUNTY, TOWN = "hazard", "青禾县", "青石镇"
NEAR, FAR = "石桥村", "上坝村"
STATION = "青禾县气象台（演示）"
ORANGE, RED = "暴雨橙色预警信号", "暴雨红色预警信号"
# name, latin, role, where, role in zh and en
PEOPLE = (
    ("安之远", "An Zhiyuan", "safety_office", COUNTY, ("安全生产办公室", "Safety office")),
    ("丁守诚", "Ding Shoucheng", "site_keeper", NEAR, ("场所责任人", "Keeper of the place")),
    ("万方", "Wan Fang", "", NEAR, ("发现人", "Finder")),
)
MEASURES = (
    # from level, what, who, minutes, where
    ("4", "值班人员到岗，检查通信", "town_duty", 30, None),
    ("4", "巡查山塘和边坡", "village_duty", 60, NEAR),
    ("3", "封闭下穿道路", "town_duty", 30, None),
    ("2", "转移危险区农户", "village_duty", 60, FAR),
)
HOMES = (("石桥村 3 组 7 号", 3, "3", NEAR), ("上坝村 2 组 1 号", 2, "2", FAR))


def populate(frame: DemoFrame) -> Cast:
    """Register who keeps the ledger, the places, a gauge, a unit of defence and a shelter."""
    add, phones = frame.registrar, []
    for n, (name, latin, role, where, shown) in enumerate(PEOPLE):
        person = add.person(name, latin, phone=f"0990 8000 00{n:02}", channels=["screen"])
        if role:
            add.post(person, role, frame.areas[where])
        phones.append(DemoPhone(person, name, latin, shown))
    for name in (TOWN, NEAR, FAR):
        shown = ("值班", "Duty")
        phones.append(DemoPhone(frame.officials[name], name, frame.latin[name], shown))
    made: dict[str, tuple[str, str, str, dict[str, Any]]] = {
        "park": ("site", NEAR, "石桥小微企业园（演示）", {"kind_of": "micro_park"}),
        "gauge": ("gauge", NEAR, "石桥雨量站（演示）", {"measures": "rain"}),
        "unit": ("unit", TOWN, "青石镇防汛（演示）", {}),
        "shelter": (
            "shelter",
            TOWN,
            "青石镇文化礼堂（演示）",
            {"beds": 40, "address": "镇文化礼堂"},
        ),
    }
    subjects = {
        key: add.typed(NewSubject(SCENARIO, kind, frame.areas[where], name=name, values=values))
        for key, (kind, where, name, values) in made.items()
    }
    rain = DemoSensor("zigbee2mqtt", "0xa4c1380000000901", {"rain": 0.4})
    add.bind(add.adopt(rain.protocol, rain.number), subjects["gauge"])
    places = {name: frame.areas[name] for name in (COUNTY, TOWN, NEAR, FAR)}
    return Cast((), tuple(phones), areas=places, subjects=subjects)


class _Told:
    """The story's people and places by name."""

    def __init__(self, stage: Stage, cast: Cast) -> None:
        self.stage, self.areas, self.subjects = stage, cast.areas, cast.subjects
        self.by_name = {phone.name: phone.person_id for phone in cast.phones}

    def file(self, who: str, kind: str, subject: str, **values: object) -> int:
        new = Opening(SCENARIO, kind, values, subject_id=self.subjects[subject])
        return self.stage.file(self.by_name[who], new)

    def row(self, who: str, row: int, name: str, **said: object) -> None:
        self.stage.row(self.by_name[who], name, row, said)

    def warn(self, change: str, title: str, about: int | None = None) -> int:
        said = Warned(
            change=change,  # type: ignore[arg-type]  # one of three words, below
            issuer=STATION,
            title=title,
            areas=(self.areas[TOWN],),
            text="预计未来3小时降雨量将达100毫米以上（演示）。",
            about=about,
        )
        return self.stage.warn(self.by_name[TOWN], said)


def story(stage: Stage, cast: Cast) -> None:
    """A hazard of a micro-park cleared, one reported by a passer-by, and a storm night."""
    told = _Told(stage, cast)
    _table(told)
    _ledger(told)
    _reported(told)
    _storm(told)


def _table(told: _Told) -> None:
    # The town's table of measures by level and area, and the homes in danger.
    for level, what, role, minutes, where in MEASURES:
        said = {"where": told.areas[where]} if where else {}
        told.file(
            TOWN, "measure", "unit", from_level=level, event="flood", what=what, role=role,
            minutes=minutes, source="演示预案（虚构）", **said,
        )  # fmt: skip
    for door, people, level, where in HOMES:
        told.file(
            TOWN, "home", "unit", door=door, people=people, from_level=level,
            where=told.areas[where],
        )  # fmt: skip


def _ledger(told: _Told) -> None:
    # A standing check finds a locked exit in the micro-park; five items, review, cleared.
    check = told.file(NEAR, "check", "park", found=1, looked_at="疏散通道、配电间")
    row = told.file(
        NEAR, "hazard", "park", what="疏散通道被锁", grade="general", source="check", found_in=check
    )
    told.row(
        "安之远", row, "plan", owner=told.by_name["丁守诚"], measures="拆锁，改推闩门",
        funds="园区自筹 3000 元", deadline=told.stage.ahead(days=5)[:10], plan="整改前专人守门",
        supervisor="town",
    )  # fmt: skip
    told.stage.wait(minutes=30)
    told.row("丁守诚", row, "apply_review", done="推闩门已装好")
    told.row("安之远", row, "pass_review", seen="现场推开正常")
    told.row("安之远", row, "clear", told="person", told_what="锁已拆，门能推开")


def _reported(told: _Told) -> None:
    # A passer-by reports a crack in a slope; it is with the village.
    told.stage.report(
        Report(
            scenario=SCENARIO,
            kind="report",
            area_id=told.areas[NEAR],
            text="村口边坡有裂缝，下雨掉土",
            via="web",
            key="story-hazard-1",
            origin_id=told.by_name["万方"],
        )
    )


def _storm(told: _Told) -> None:
    # Orange, then red: one event. The level is the town's own decision. Each task is confirmed,
    # one home refuses at first; the station lifts, the town lifts, then people go home.
    stage, unit, town = told.stage, told.subjects["unit"], told.by_name[TOWN]
    orange = told.warn("issue", ORANGE)
    stage.answer(town)
    basis = "会商决定（演示）"
    told.row(TOWN, unit, "start", level="3", event="flood", warning=orange, basis=basis)
    both = Whom(areas=(told.areas[NEAR], told.areas[FAR]), roles=("village_duty",))
    zh, en = "立即巡查并转移危险区农户", "Check and move the homes in danger now"
    first = stage.call_out(town, Order(whom=both, zh=zh, en=en, warning_id=orange, key="story-1"))
    stage.answer(told.by_name[NEAR])
    stage.wait(minutes=9)
    red = told.warn("change", RED, orange)
    stage.answer(town)
    told.row(TOWN, unit, "change", level="2", warning=red, basis="雨势加大（演示）")
    order = Order(whom=both, zh=zh, en=en, warning_id=red, key="story-2", supersedes=first)
    held = stage.call_out(town, order)
    stage.answer(told.by_name[NEAR])
    stage.answer(told.by_name[FAR])
    stage.wait(minutes=6)
    _carried_out(told)
    told.warn("lift", RED, red)
    stage.wait(minutes=3)
    stage.lift(town, held, Words(""))
    told.row(TOWN, unit, "end", basis="雨停水退（演示）")
    for move in _rows("move"):
        told.row(NEAR if move.area_id == told.areas[NEAR] else FAR, move.id, "returned")


def _carried_out(told: _Told) -> None:
    for task in _rows("task"):
        told.stage.wait(minutes=3)
        told.row(TOWN, task.id, "confirm", said="已落实（演示）")
    near, far = _rows("move")
    shelter = told.subjects["shelter"]
    told.row(TOWN, shelter, "open")
    told.row(NEAR, near.id, "moved", people=3, stays="shelter", shelter=shelter)
    told.row(FAR, far.id, "refuse", why="说看看再走（演示）")
    told.stage.wait(minutes=6)
    told.row(FAR, far.id, "moved", people=2, stays="kin")


def _rows(kind: str) -> list[Record]:
    return list(Record.objects.filter(scenario=SCENARIO, kind=kind).order_by("id"))
