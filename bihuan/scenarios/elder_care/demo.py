"""Invented elders of 青禾县, their families and bands. The founding text tells of bands issued on
application, of a key held for five seconds and of the family being called; every name, number
and event here is invented.
"""

from __future__ import annotations

from bihuan.loop.scenario import Cast, DemoBand, DemoFrame, DemoPhone

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


def populate(frame: DemoFrame) -> Cast:
    """Register elders, families and bands, as an official would."""
    registrar, bands, phones = frame.registrar, [], []
    for n, (name, latin, village, address, number, place, family) in enumerate(ELDERS):
        area = frame.areas[village]
        elder = registrar.person(name, latin, phone=f"0990 4000 00{n:02}")
        subject = registrar.subject("elder_care", "elder", elder, area, address)
        for rank, (kin, kin_latin, relation) in enumerate(family):
            phone = f"0990 5{n:03} 00{rank:02}"
            person = registrar.person(kin, kin_latin, phone=phone, channels=["screen"])
            registrar.contact(subject, person, relation, rank)
            phones.append(DemoPhone(person, kin, kin_latin, ("家属", "Family")))
        device = registrar.adopt("watch", number)
        registrar.bind(device, subject)
        bands.append(DemoBand("watch", number, name, latin, place))
        phones.append(
            DemoPhone(frame.officials[village], village, village, ("村值班", "Village duty"))
        )
    return Cast(tuple(bands), tuple(phones))
