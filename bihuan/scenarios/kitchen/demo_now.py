"""What stands in the demo from its first minute: graded kitchens and a batch on its way.

Every row is filed and acted on by its people, as they would on a page: nothing is put in from the
side. All of it is invented; no grade here is one that the founding text tells of.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from bihuan.base.time import CHINA, datetime_of, rfc3339
from bihuan.loop.scenario import DemoFrame, DemoPhone
from bihuan.register.parties.acts import NewParty
from bihuan.register.records.doing import By
from bihuan.register.records.models import Proposal
from bihuan.register.records.opening import Opening
from bihuan.register.subjects.acts import NewSubject
from bihuan.scenarios.kitchen.roles import STATION

FIRST_DAY: Final = {
    "licensed_on": "2024-03-01",
    "is_central": True,
    "is_rebuilt": True,
    "is_smart": True,
    "on_ccp": True,
}
OFFICER_WORDS: Final = ("食品安全员兼负责人", "Food-safety officer and manager")
# name, latin, village and town, who runs it
KITCHENS: Final = (
    ("河口配餐厨房（演示）", "Hekou Kitchen (demo)", ("河口村", "河口镇"), ("袁野", "Yuan Ye")),
    (
        "双河配餐厨房（演示）",
        "Shuanghe Kitchen (demo)",
        ("河湾村", "双河镇"),
        ("程立夏", "Cheng Lixia"),
    ),
    ("梅川配餐厨房（演示）", "Meichuan Kitchen (demo)", ("梅川村", "梅川镇"), ("霍然", "Huo Ran")),
    ("龙泉配餐厨房（演示）", "Longquan Kitchen (demo)", ("龙泉村", "龙泉镇"), ("葛青", "Ge Qing")),
)
# of the first kitchen and of these four: score, key items failed, issued, risk, is it public yet
VISITS: Final = (
    (9.2, 0, "A", "risk_a", True),
    (8.3, 0, "B", "risk_b", True),
    (7.8, 1, "B", "risk_b", True),
    (6.9, 1, "C", "risk_c", True),
    (5.6, 1, "none", "risk_d", False),
)
STATION_HEAD: Final = "齐正"  # one station for five towns
FIRST, SECOND = "易明", "闻川"  # two inspectors, always
BOARD: Final = "演示：食品安全信息栏"
BASIS: Final = "演示：按近一年检查和投诉评定"


class Today:
    """Files what the demo begins with, now; `people` and `things` by name."""

    def __init__(self, frame: DemoFrame, people: dict[str, int], things: dict[str, int]) -> None:
        self._registrar, self._areas = frame.registrar, frame.areas
        self._people, self._things = people, things
        self._suppliers = [things["supplier"]]
        self._clicks = 0

    def kitchens(self) -> list[DemoPhone]:
        """Four more kitchens, each a firm of its own, and who runs them."""
        phones = []
        for n, (name, latin, (where, town), who) in enumerate(KITCHENS):
            registrar = self._registrar
            registrar.post(self._people[STATION_HEAD], STATION, self._areas[town])
            place = (f"{name[:2]}配餐厨房楼", f"{latin} building")
            area = registrar.area(f"9901009001{n:02}", place, "building", self._areas[where])
            person = registrar.person(*who, phone=f"0990 7110 00{n:02}", channels=["screen"])
            for role in ("food_safety_officer", "kitchen_manager"):
                registrar.post(person, role, area)
            phones.append(DemoPhone(person, *who, OFFICER_WORDS))
            firm = registrar.party(NewParty(kind="legal_entity", name=(name, latin)))
            values: dict[str, Any] = {"licence": f"JY999010000000{n + 2:02}", **FIRST_DAY}
            new = NewSubject("kitchen", "supplier", area, party_id=firm, values=values)
            self._suppliers.append(registrar.typed(new))
        return phones

    def inspected(self) -> None:
        """Each kitchen looked at off-site first, then visited by two inspectors, and graded."""
        for n, (score, failed, grade, risk, is_public) in enumerate(VISITS):
            supplier = self._suppliers[n]
            said: dict[str, Any] = {"score": 9.0, "key_failed": 0, "found": "演示：后台数据已核对"}
            looked = self._visit(supplier, "off_site", **said)
            self._do(FIRST, looked, "publish", where=BOARD)
            result: dict[str, Any] = {
                "score": score,
                "key_failed": failed,
                "found": "演示：现场情况已记录",
            }
            visit = self._visit(supplier, "on_site", f"演示-JC-{n + 1:04}", **result)
            if is_public:
                self._do(FIRST, visit, "publish", where=BOARD)
            self._do(FIRST, supplier, "issue_grade", quant_grade=grade)
            self._do(FIRST, supplier, "set_risk", risk=risk, basis=BASIS)

    def _visit(self, supplier: int, way: str, code: str | None = None, **result: object) -> int:
        today = datetime_of(self._registrar.now_us).astimezone(CHINA).date().isoformat()
        said = {"way": way, "cause": "routine", "office": "county", "planned": today, "code": code}
        visit = self._file(FIRST, "inspection", supplier, **said)
        self._do(FIRST, visit, "begin")
        self._do(FIRST, visit, "conclude", **result)
        waiting = Proposal.objects.get(row_id=visit, state="waiting")
        self._registrar.ledger.confirm(waiting.id, self._by(SECOND))
        return visit

    def on_the_way(self) -> None:
        """A chilled lunch of today: cooked, cooled, sampled, packed; half of it has left.

        The school's receiver counts it in, proves the reheating and serves it.
        """
        batch = self._file(
            "曹小满",
            "batch",
            self._things["supplier"],
            dish="香菇滑鸡冷链盒饭（演示）",
            meal="lunch",
            line=self._things["line"],
            cooked=self._ago(hours=3),
            core=83.0,
            probe=self._things["probe"],
            keeping="chilled",
            portions=240,
            for_schools=True,
        )
        kept = {"grams": 150, "taken": self._ago(hours=2, minutes=55), "place": "留样柜 2 层"}
        about = {"batch": batch, "is_sealed_up": True}
        self._file("曹小满", "sample", self._things["supplier"], **about, **kept)
        for step, core, minutes in (("cool", 20.5, 90), ("chill", 6.4, 30), ("dispatch", 5.1, 1)):
            said = {"batch": batch, "step": step, "core": core, "probe": self._things["probe"]}
            at = self._ago(minutes=minutes)
            self._file("曹小满", "check", self._things["supplier"], **said, at=at)
        self._do("曹小满", batch, "pack")
        self._do("魏安", batch, "release")
        sent = {"batch": batch, "portions": 120, "left": self._ago(), "vehicle": "演A00002"}
        self._file("路远", "delivery", self._things["school"], **sent, is_enclosed=True)

    def _ago(self, **parts: float) -> str:
        """A moment that long ago, as a time field takes it."""
        span_us = round(timedelta(**parts).total_seconds() * 1_000_000)
        return rfc3339(self._registrar.now_us - span_us)

    def _by(self, who: str) -> By:
        self._clicks += 1
        return By(self._people[who], "page", f"demo-{self._clicks}")

    def _file(self, who: str, kind: str, subject: int, **values: object) -> int:
        new = Opening("kitchen", kind, values, subject_id=subject)
        return self._registrar.ledger.open(new, self._by(who))

    def _do(self, who: str, row_id: int, act: str, **values: object) -> None:
        self._registrar.ledger.act(row_id, act, values, self._by(who))
