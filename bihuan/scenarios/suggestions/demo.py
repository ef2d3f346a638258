"""Invented members, departments and suggestions of 青禾县. The founding texts tell of consultative
members' suggestions that departments answered on the spot and that were followed through; every
name and event here is invented.
"""

from __future__ import annotations

from bihuan.loop.cases.report import Report
from bihuan.loop.scenario import Cast, DemoFrame, DemoPhone, Stage

COUNTY = "青禾县"
# name, latin, role, role in zh and en
PEOPLE = (
    ("钱明达", "Qian Mingda", "proposals_office", ("建议交办室", "Proposals office")),
    ("袁立群", "Yuan Liqun", "county_leader", ("分管领导", "Leader in charge")),
    ("苏畅", "Su Chang", "department", ("交通", "Transport")),
    ("薛梅", "Xue Mei", "department", ("教育", "Education")),
    ("侯一鸣", "Hou Yiming", "", ("委员", "Member")),
    ("龚秀兰", "Gong Xiulan", "", ("委员", "Member")),
)


def populate(frame: DemoFrame) -> Cast:
    """Register who proposes, who hands on and who answers, as an official would."""
    registrar, phones = frame.registrar, []
    for n, (name, latin, role, shown) in enumerate(PEOPLE):
        phone = f"0990 7000 00{n:02}"
        person = registrar.person(name, latin, phone=phone, channels=["screen"])
        if role:
            registrar.post(person, role, frame.areas[COUNTY])
        phones.append(DemoPhone(person, name, latin, shown))
    places = {name: frame.areas[name] for name in (COUNTY, "石桥村", "东街社区", "上坝村")}
    return Cast((), tuple(phones), areas=places)


class _Told:
    """The story's people by name, and each case's way to its department."""

    def __init__(self, stage: Stage, cast: Cast) -> None:
        self.stage, self.areas = stage, cast.areas
        self.count = 0
        self.by_name = {phone.name: phone.person_id for phone in cast.phones}

    def report(self, kind: str, place: str, who: str, text: str) -> int:
        self.count += 1
        origin = self.by_name[who]
        said = Report(
            scenario="suggestions",
            kind=kind,
            area_id=self.areas[place],
            text=text,
            via="web",
            key=f"story-{self.count}",
            origin_id=origin,
        )
        return self.stage.report(said)

    def do(self, who: str, name: str, case_id: int, **said: str) -> None:
        self.stage.do(self.by_name[who], name, case_id, said)

    def handed_on(self, case_id: int, department: str) -> None:
        """Accepted, assigned, signed for, begun: twenty minutes on this evening."""
        self.stage.wait(minutes=5)
        self.do("钱明达", "accept", case_id)
        target = f"person:{self.by_name[department]}"
        self.do("钱明达", "assign", case_id, target=target, text="请主办并答复")
        self.stage.wait(minutes=5)
        self.do(department, "receive", case_id)
        self.do(department, "begin", case_id)


def story(stage: Stage, cast: Cast) -> None:
    """Four suggestions and an instruction; all of it invented."""
    told = _Told(stage, cast)
    _solved(told)
    _planned(told)
    _explained(told)
    told.report("suggestion", "上坝村", "龚秀兰", "建议上坝村小学门口划出接送区")
    instruction = told.report("instruction", COUNTY, "袁立群", "请核实汛期村道积水，一周内回报")
    told.handed_on(instruction, "苏畅")


def _solved(told: _Told) -> None:
    # A bus stop without a shelter: it is built, and the member says that it is good.
    case_id = told.report("suggestion", "石桥村", "侯一鸣", "建议石桥村候车点装上雨棚")
    told.handed_on(case_id, "苏畅")
    told.stage.wait(minutes=10)
    told.do("苏畅", "reply_solved", case_id, text="雨棚已装好并验收", answer="雨棚已经装好")
    told.do("钱明达", "pass", case_id)
    told.stage.wait(minutes=5)
    told.do("侯一鸣", "solved", case_id, text="看过了，满意")


def _planned(told: _Told) -> None:
    # A promise: the day comes, nothing is done, it is supervised; then it is done.
    case_id = told.report("suggestion", "东街社区", "龚秀兰", "建议东街社区增加晚间公交班次")
    told.handed_on(case_id, "苏畅")
    told.do(
        "苏畅",
        "reply_planned",
        case_id,
        promised=told.stage.ahead(minutes=30),
        text="列入调整计划",
        answer="已列入计划，到时增加两班",
    )
    told.do("龚秀兰", "verdict", case_id, verdict="agree", text="等着")
    told.stage.wait(minutes=40)
    told.do("苏畅", "reply_solved", case_id, text="已增加两班", answer="两班晚间公交已经开行")
    told.do("钱明达", "pass", case_id)
    told.do("龚秀兰", "solved", case_id)


def _explained(told: _Told) -> None:
    # An explanation that does not satisfy at first: the same case goes on.
    case_id = told.report("suggestion", "石桥村", "侯一鸣", "建议石桥村设初中")
    told.handed_on(case_id, "薛梅")
    told.do("薛梅", "reply_explained", case_id, text="生源不足", answer="生源不足，暂不设")
    told.do("钱明达", "pass", case_id)
    told.do("侯一鸣", "not_solved", case_id, text="没说清学生怎么上学")
    told.do(
        "薛梅", "reply_explained", case_id, text="补充校车安排", answer="安排校车接送，附时刻表"
    )
    told.do("钱明达", "pass", case_id)
    told.do("侯一鸣", "solved", case_id)
