"""An invented kitchen of 青禾县, its school and its people. The founding text tells of central
kitchens that were rebuilt, of smart open kitchens, of CCP智控 and of boxed meals reheated in
microwaves; every name, number and event here is invented, the cold-chain failure among them.
"""

from __future__ import annotations

from typing import Any, Final

from bihuan.loop.scenario import Cast, DemoFrame, DemoPhone, DemoSensor, Stage
from bihuan.register.parties.acts import NewParty
from bihuan.register.records.opening import Opening
from bihuan.register.subjects.acts import NewSubject
from bihuan.scenarios.kitchen.demo_now import FIRST_DAY, Today

KITCHEN_AT, SCHOOL_AT, TOWN, COUNTY = "东街社区", "南门社区", "城关镇", "青禾县"
KITCHEN_NAME: Final = ("青禾供餐中心（演示）", "Qinghe Meals (demo)")
SCHOOL_NAME: Final = ("城关示范小学（演示）", "Chengguan Demo School")
# name, latin, role, where, role in zh and en, sign-in
PEOPLE: Final = (
    ("曹小满", "Cao Xiaoman", "line_worker", "kitchen", ("操作员", "Line worker"), ""),
    ("魏安", "Wei An", "food_safety_officer", "kitchen",
     ("食品安全员", "Food-safety officer"), "kitchen"),
    ("邹立", "Zou Li", "food_safety_director", "kitchen",
     ("食品安全总监", "Food-safety director"), ""),
    ("熊志", "Xiong Zhi", "kitchen_manager", "kitchen", ("供餐单位负责人", "Kitchen manager"), ""),
    ("路远", "Lu Yuan", "driver", "school", ("配送员", "Driver"), ""),
    ("白雪", "Bai Xue", "school_receiver", "school", ("学校收餐员", "School receiver"), "school"),
    ("齐正", "Qi Zheng", "market_station", "town", ("市场监管所", "Market station"), "station"),
    ("易明", "Yi Ming", "market_regulator", "county",
     ("市场监管局", "Market regulator"), "market"),
    ("闻川", "Wen Chuan", "market_regulator", "county", ("市场监管局", "Market regulator"), ""),
)  # fmt: skip
STORE: Final = "demo-cold-store"


def populate(frame: DemoFrame) -> Cast:
    """Register the kitchen and the school as buildings, their people, and a store's probe."""
    registrar, at = frame.registrar, frame.areas
    areas = {
        "kitchen": registrar.area("990100900001", KITCHEN_NAME, "building", at[KITCHEN_AT]),
        "school": registrar.area("990100900002", SCHOOL_NAME, "building", at[SCHOOL_AT]),
        "town": at[TOWN],
        "county": at[COUNTY],
    }
    phones = list[DemoPhone]()
    for n, (name, latin, role, where, shown, sign_in) in enumerate(PEOPLE):
        phone = f"0990 7100 00{n:02}"
        person = registrar.person(name, latin, phone=phone, channels=["screen"])
        registrar.post(person, role, areas[where])
        phones.append(DemoPhone(person, name, latin, shown, sign_in))
    subjects = _things(frame, areas)
    device = registrar.adopt("zigbee2mqtt", STORE)
    registrar.bind(device, subjects["store"])
    today = Today(frame, {phone.name: phone.person_id for phone in phones}, subjects)
    phones += today.kitchens()
    today.inspected()
    today.on_the_way()
    measured: dict[str, float | str] = {"temperature": 4.2, "humidity": 71, "battery": 93}
    sensors = (DemoSensor("zigbee2mqtt", STORE, measured),)
    return Cast((), tuple(phones), sensors, areas, subjects)


def _things(frame: DemoFrame, areas: dict[str, int]) -> dict[str, int]:
    registrar = frame.registrar
    firm = registrar.party(NewParty(kind="legal_entity", name=KITCHEN_NAME))
    values: dict[str, Any] = {"licence": "JY99901000000001", **FIRST_DAY}
    supplier = registrar.typed(
        NewSubject("kitchen", "supplier", areas["kitchen"], party_id=firm, values=values)
    )
    found = {"supplier": supplier}
    calibrated = {
        "calibrated_on": "2026-01-10",
        "calibrated_until": "2030-01-09",
        "error": 0.2,
    }
    for key, kind, name, more in (
        ("line", "line", "一号线（演示）", {}),
        ("probe", "core_probe", "手持探针（演示）", {"instrument": "TP-01", **calibrated}),
        ("store", "cold_store", "一号冷藏库（演示）", {"instrument": "CS-01", **calibrated}),
    ):
        said = {"supplier": supplier, **more}
        new = NewSubject("kitchen", kind, areas["kitchen"], name=name, values=said)
        found[key] = registrar.typed(new)
    pupils = {"pupils": 240, "has_microwave": True}
    new = NewSubject("kitchen", "school", areas["school"], name=SCHOOL_NAME[0], values=pupils)
    return {**found, "school": registrar.typed(new)}


class _Told:
    """The story's people by name, and the ways by which they write things down."""

    def __init__(self, stage: Stage, cast: Cast) -> None:
        self.stage, self.things = stage, cast.subjects
        self.by_name = {phone.name: phone.person_id for phone in cast.phones}

    def file(self, who: str, kind: str, subject: str, **values: object) -> int:
        new = Opening("kitchen", kind, values, subject_id=self.things[subject])
        return self.stage.file(self.by_name[who], new)

    def row(self, who: str, name: str, row_id: int, **said: object) -> None:
        self.stage.row(self.by_name[who], name, row_id, said)

    def do(self, who: str, name: str, case_id: int, **said: str) -> None:
        self.stage.do(self.by_name[who], name, case_id, said)

    def case(self, kind: str, subject: str) -> int:
        return self.stage.newest(kind, self.things[subject])

    @property
    def now(self) -> str:
        return self.stage.ahead()

    def batch(self, dish: str, keeping: str) -> int:
        made = self.file(
            "曹小满",
            "batch",
            "supplier",
            dish=dish,
            meal="lunch",
            line=self.things["line"],
            cooked=self.now,
            core=81.5,
            probe=self.things["probe"],
            keeping=keeping,
            portions=240,
            for_schools=True,
        )
        self.file(
            "曹小满",
            "sample",
            "supplier",
            batch=made,
            grams=150,
            taken=self.now,
            place="留样柜 1 层",
            is_sealed_up=True,
        )
        return made

    def check(self, batch: int, step: str, core: float) -> None:
        self.file(
            "曹小满",
            "check",
            "supplier",
            batch=batch,
            step=step,
            at=self.now,
            core=core,
            probe=self.things["probe"],
        )

    def deliver(self, batch: int) -> int:
        return self.file(
            "路远",
            "delivery",
            "school",
            batch=batch,
            portions=240,
            left=self.now,
            vehicle="演A00001",
            is_enclosed=True,
        )


def story(stage: Stage, cast: Cast) -> None:
    """A school day in 青禾县; all of it invented."""
    told = _Told(stage, cast)
    _served(told)
    _cold_chain_fails(told)
    lead = told.file("魏安", "lead", "supplier", sort="no_hat", at=told.now, camera="演示-03")
    told.row("魏安", "not_so", lead, found="白色工作帽被识别成没戴")


def _served(told: _Told) -> None:
    # Hot rice with chicken: packed within the hour, 66 ℃ on arrival, served.
    batch = told.batch("红烧鸡块（演示）", "hot")
    told.stage.wait(minutes=30)
    told.row("曹小满", "pack", batch)
    told.check(batch, "dispatch", 68)
    told.row("魏安", "release", batch)
    delivery = told.deliver(batch)
    told.stage.wait(minutes=25)
    told.row(
        "白雪",
        "arrive",
        delivery,
        arrived=told.now,
        arrived_core=66.0,
        portions_arrived=240,
        is_whole=True,
    )
    told.row("白雪", "serve", delivery)
    told.row("曹小满", "finish", batch)


def _cold_chain_fails(told: _Told) -> None:
    # A chilled lunch is at 12.4 ℃ when the driver measures it at the school's door: on hold in
    # one tap, the school told, recalled by two people with another meal, discarded, verified.
    batch = told.batch("番茄炒蛋冷链盒饭（演示）", "chilled")
    told.stage.wait(minutes=50)
    told.check(batch, "chill", 6.5)
    told.row("曹小满", "pack", batch)
    told.row("魏安", "release", batch)
    delivery = told.deliver(batch)
    told.stage.wait(minutes=20)
    told.check(batch, "dispatch", 12.4)
    told.stage.wait(minutes=3)
    deviation = told.case("deviation", "supplier")
    told.do("魏安", "take", deviation)
    told.row("魏安", "stop", batch)
    told.stage.wait(minutes=3)
    notice = told.case("school_notice", "school")
    told.do("白雪", "take", notice)
    told.row(
        "魏安",
        "recall",
        batch,
        reason="冷藏车制冷故障，到校 12.4℃",
        substitute="备用热餐 240 份，40 分钟内送到",
    )
    told.stage.confirm(told.by_name["邹立"], batch)
    told.stage.wait(minutes=3)
    told.do("白雪", "take", notice)  # the recall rings again where the hold was known
    told.row("白雪", "acknowledge", delivery, portions_left=240, portions_eaten=0)
    told.do("白雪", "correct", notice, told="none_eaten", text="240 份全部未开餐，已隔离")
    told.do("路远", "verify", notice, text="已当面点清 240 份")
    told.stage.wait(minutes=10)
    told.row("魏安", "discard", batch, discarded_portions=240, way="回厂销毁，拍照留存")
    told.do("魏安", "correct", deviation, disposition="discarded", text="换车，报修制冷机")
    told.do("邹立", "verify", deviation, text="已看销毁照片和换车记录")
    recall = told.case("recall", "supplier")
    told.do("齐正", "take", recall)
    told.do("齐正", "correct", recall, disposition="discarded", text="替代餐已送达，召回完毕")
    told.do("易明", "verify", recall, text="核对 240 份，无人食用")
