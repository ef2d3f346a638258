"""Invented elders of 青禾县, their families and bands. The founding text tells of bands issued on
application, of a key held for five seconds, of the family being called, of care centres, tea-rooms
and a station with a pressure meter; every name, number, place and event here is invented.
"""

from __future__ import annotations

from datetime import datetime

from bihuan.base.time import CHINA, DAY_US, us_of
from bihuan.gateway.simulate import FALL_BIT, SOS_BIT
from bihuan.loop.scenario import Cast, DemoBand, DemoFrame, DemoPhone, Stage
from bihuan.register.records.opening import Opening
from bihuan.register.subjects.acts import NewSubject

# name, latin, village, address, band number, (lat, lon), family: (name, latin, relation)
ELDERS = (
    ("王桂兰", "Wang Guilan", "石桥村", "石桥村 3 组 12 号", "9900000001", (30.1032, 119.2051),
     (("王晓燕", "Wang Xiaoyan", "daughter"), ("王志刚", "Wang Zhigang", "son"))),
    ("张德顺", "Zhang Deshun", "上坝村", "上坝村 1 组 7 号", "9900000002", (30.1102, 119.2233),
     (("张丽", "Zhang Li", "daughter"),)),
    ("刘秀英", "Liu Xiuying", "柏树村", "柏树村 5 组 2 号", "9900000003", (30.1811, 119.1012),
     (("刘洋", "Liu Yang", "grandson"),)),
    ("陈水根", "Chen Shuigen", "柳溪村", "柳溪村 2 组 19 号", "9900000004", (30.0722, 119.0714),
     ()),
    ("周凤仙", "Zhou Fengxian", "东街社区", "东街社区 8 幢 2 单元 301", "9900000005",
     (30.0213, 119.0852), (("周平", "Zhou Ping", "son"),)),
)  # fmt: skip

# name, village, sort, seats, whether it has a meter
PLACES = (
    ("石桥照料中心（演示）", "石桥村", "care_centre", 40, False),
    ("东街长寿驿站（演示）", "东街社区", "station", 12, True),
    ("上坝民情茶室（演示）", "上坝村", "tea_room", 16, False),
)


def populate(frame: DemoFrame) -> Cast:
    """Register elders, families and bands, as an official would."""
    registrar, bands, phones = frame.registrar, [], []
    subjects = _places(frame)
    for n, (name, latin, village, address, number, place, family) in enumerate(ELDERS):
        area = frame.areas[village]
        elder = registrar.person(name, latin, phone=f"0990 4000 00{n:02}")
        subject = registrar.subject("elder_care", "elder", elder, area, address)
        for rank, (kin, kin_latin, relation) in enumerate(family):
            phone = f"0990 5{n:03} 00{rank:02}"
            person = registrar.person(kin, kin_latin, phone=phone, channels=["screen"])
            registrar.contact(subject, person, relation, rank)
            phones.append(DemoPhone(person, kin, kin_latin, ("家属", "Family")))
        subjects[name] = subject
        device = registrar.adopt("watch", number)
        registrar.bind(device, subject)
        bands.append(DemoBand("watch", number, name, latin, place))
        phones.append(
            DemoPhone(
                frame.officials[village], village, frame.latin[village], ("村值班", "Village duty")
            )
        )
    return Cast(tuple(bands), tuple(phones), areas=dict(frame.areas), subjects=subjects)


def _places(frame: DemoFrame) -> dict[str, int]:
    found = {}
    for name, village, sort, seats, has_meter in PLACES:
        values = {"sort": sort, "seats": seats, "has_meter": has_meter, "hours": "8:00—17:00"}
        new = NewSubject("elder_care", "place", frame.areas[village], name=name, values=values)
        found[name] = frame.registrar.typed(new)
    return found


def story(stage: Stage, cast: Cast) -> None:
    """One evening in 青禾县; all of it invented."""
    wang, _zhang, liu, chen, zhou = (band.number for band in cast.bands)
    by_name = {phone.name: phone.person_id for phone in cast.phones}
    _papers(stage, cast, by_name)
    _solved(stage, wang, by_name)
    _false_alarm(stage, liu, by_name)
    _nobody_answers(stage, chen, by_name)
    _not_solved_at_first(stage, zhou, by_name)


def _papers(stage: Stage, cast: Cast, by_name: dict[str, int]) -> None:
    # a quiet day before: bands handed out with their notice, a visit, people in the centre
    village = by_name["石桥村"]
    now = datetime.fromisoformat(stage.ahead())
    now_us, today = us_of(now), now.astimezone(CHINA).date().isoformat()

    def kept(kind: str, about: str, **values: object) -> None:
        stage.file(village, Opening("elder_care", kind, values, cast.subjects[about]))

    kept("application", "王桂兰", asked_by="self")
    kept("assessment", "王桂兰", on=today, level="mild")
    kept("issue", "王桂兰", device="9900000001", handed=now_us)
    told = {"version": "演示 1", "signed": today, "signed_by": "self", "is_read_120": True}
    kept("service_notice", "王桂兰", **told)
    kept("sim", "王桂兰", iccid="8986" + "0" * 15 + "1", until=now_us + 200 * DAY_US)
    kept("visit", "王桂兰", seen=now_us, way="door", met=True, came="village")
    kept("attendance", "石桥照料中心（演示）", on=today, persons=18, times=23)


def _solved(stage: Stage, wang: str, by_name: dict[str, int]) -> None:
    # 王桂兰 presses. Her daughter misses the call; the village secretary answers and goes there.
    stage.phones(by_name["王晓燕"], are_on=False)
    stage.press(wang, SOS_BIT)
    stage.wait(seconds=20)
    stage.answer(by_name["石桥村"])
    stage.wait(minutes=9)
    stage.act(
        by_name["石桥村"],
        "report",
        "老人起身时滑倒，已扶起，无外伤，已量血压",
        "已到家查看，没有受伤",
    )
    stage.wait(minutes=4)
    stage.act(by_name["王晓燕"], "solved")


def _false_alarm(stage: Stage, liu: str, by_name: dict[str, int]) -> None:
    # 刘秀英's band reports a fall: it fell from the table. Two taps and a reason.
    stage.press(liu, FALL_BIT)
    stage.wait(seconds=40)
    stage.answer(by_name["刘洋"])
    stage.act(by_name["刘洋"], "false_alarm", "误触：手环从桌上掉落")


def _nobody_answers(stage: Stage, chen: str, by_name: dict[str, int]) -> None:
    # 陈水根 has no family and the village does not answer: the town, then the county is called.
    stage.phones(by_name["柳溪村"], are_on=False)
    stage.press(chen, SOS_BIT)
    stage.wait(minutes=4)
    stage.press(chen, SOS_BIT)
    stage.wait(minutes=8)
    stage.phones(by_name["柳溪村"], are_on=True)
    stage.press(chen, SOS_BIT)
    stage.wait(seconds=30)
    stage.answer(by_name["柳溪村"])
    stage.wait(minutes=12)
    stage.act(by_name["柳溪村"], "report", "家中停电，老人着急，已联系电工", "已上门，等电工")


def _not_solved_at_first(stage: Stage, zhou: str, by_name: dict[str, int]) -> None:
    # 周凤仙's son says it is not solved; the same case goes on and is solved the second time.
    stage.press(zhou, SOS_BIT)
    stage.wait(seconds=15)
    stage.answer(by_name["东街社区"])
    stage.wait(minutes=10)
    stage.act(by_name["东街社区"], "report", "电话联系，老人说没事", "电话里老人说没事")
    stage.wait(minutes=5)
    stage.act(by_name["周平"], "not_solved", "没人上门，我妈还是头晕")
    stage.wait(minutes=15)
    stage.act(by_name["东街社区"], "report", "已上门，陪同到卫生院检查", "已陪同到卫生院，血压平稳")
    stage.wait(minutes=30)
    stage.act(by_name["周平"], "solved", "谢谢")
