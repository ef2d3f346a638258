"""Invented firms and officials of 青禾县, and one evening of their appeals.

The founding text tells of aluminium liquid that could not enter the county and of the letter that
opened its road, and of a mirror supplier in another county that stood still: the kinds of the
first two appeals are the text's. Every firm, name, number and event here is invented.
"""

from __future__ import annotations

from bihuan.loop.scenario import Cast, DemoFrame, DemoPhone, Stage
from bihuan.register.parties.acts import NewParty
from bihuan.register.subjects.acts import NewSubject
from bihuan.scenarios.chain.demo_story import Told

COUNTY = "青禾县"
# name, latin, role in post, words of the role
OFFICIALS = (
    ("凌云舒", "Ling Yunshu", "chain_clerk", ("一链通专窗", "Appeals desk"), "chain"),
    ("穆远", "Mu Yuan", "chain_clerk", ("一链通专窗", "Appeals desk"), ""),
    ("高致远", "Gao Zhiyuan", "chain_liaison", ("挂联干部", "Named liaison"), "liaison"),
    ("温雅", "Wen Ya", "chain_leader", ("专班负责人", "Task team leader"), "taskteam"),
)
# name, latin, credit code, town, industry, what it makes, its contact (name, latin, sign-in)
FIRMS = (
    ("青禾示例电机有限公司", "Qinghe Sample Motors", "91990100MA2QHDJ01J", "城关镇", "autos",
     "汽车电机", ("姚秋实", "Yao Qiushi", "firm")),
    ("青禾示例整车有限公司", "Qinghe Sample Cars", "91990100MA2QHDJ02M", "城关镇", "autos",
     "小型货车", ("韩初晴", "Han Chuqing", "rival")),
    ("青禾示例机床有限公司", "Qinghe Sample Machine Tools", "91990100MA2QHDJ03Q", "河口镇",
     "machine_tools", "数控机床", ("岳知行", "Yue Zhixing", "")),
    ("青禾示例新材料有限公司", "Qinghe Sample Materials", "91990100MA2QHDJ04U", "双河镇",
     "new_materials", "工程塑料", ("方若谷", "Fang Ruogu", "")),
)  # fmt: skip
FIRM_WORDS = ("企业联系人", "The firm's contact")


def populate(frame: DemoFrame) -> Cast:
    """Register the desk, its liaison, four firms and who speaks for them, as an official would."""
    registrar, phones = frame.registrar, list[DemoPhone]()
    county = frame.areas[COUNTY]
    for n, (name, latin, role, words, sign_in) in enumerate(OFFICIALS):
        person = registrar.person(name, latin, phone=f"0990 7100 00{n:02}", channels=["screen"])
        registrar.post(person, role, county)
        phones.append(DemoPhone(person, name, latin, words, sign_in))
    liaison = phones[2].person_id
    subjects = {}
    for n, (name, latin, code, town, industry, makes, contact) in enumerate(FIRMS):
        area = frame.areas[town]
        party = registrar.party(
            NewParty(kind="legal_entity", name=(name, latin), code=code, area_id=area)
        )
        values = {
            "industry": industry,
            "is_key": n < 2,
            "makes": makes,
            "liaison": liaison,
            "liaison_phone": "0990 7100 0002",
        }
        subject = registrar.typed(NewSubject("chain", "firm", area, party_id=party, values=values))
        subjects[name] = subject
        phone = f"0990 7200 00{n:02}"
        person = registrar.person(contact[0], contact[1], phone=phone, channels=["screen"])
        registrar.contact(subject, person, "contact", 0)
        phones.append(DemoPhone(person, contact[0], contact[1], FIRM_WORDS, contact[2]))
    return Cast((), tuple(phones), areas={COUNTY: county}, subjects=subjects)


def story(stage: Stage, cast: Cast) -> None:
    """Who buys what from whom; three appeals; what others published; all of it invented."""
    told = Told(stage, cast)
    told.supplies()
    told.aluminium()
    told.mirrors()
    told.not_valid()
    told.meeting()
    told.published()
