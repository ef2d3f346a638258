"""What the register wants instead of what it got, in Chinese; `{}` holds what a fault names.

The register speaks English (`field: got X, want Y`), for logs and for other systems. Here is the
Chinese of every want, for pages; tests/console/test_fault_words.py finds the ones without.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import Final

from django.utils.translation import get_language

from bihuan.base.errors import Fault
from bihuan.console.register import wording
from bihuan.console.register.scenario_words import said_by
from bihuan.register.imports.sheet import CellFault
from bihuan.register.scheme import Field

_GOT: Final = (
    ("空", "nothing"), ("无", "none"), ("没有文件名", "no name"), ("公式", "a formula"),
    ("没有行", "no rows"), ("更多行", "more rows"), ("从未响过", "never rang"),
    ("没有或不止一个", "none or several"), ("两个都填或都没填", "both or none"),
    ("别的编码", "bytes of another encoding"), ("解压后太大", "too much when unpacked"),
    ("有密码", "a password"), ("有密码或旧的 .xls", "a password or the old .xls"),
    ("#N/A 一类的错误", "an error such as #N/A"), ("不是有限的数", "no finite number"),
    ("含空字符（NUL）", "a NUL character"), ("没有闭合的环", "a ring that is not closed"),
    ("16 位或更长的数字", "a number of 16 digits or more"), ("没有这一天", "no such day"),
    ("名称里没有颜色", "no colour in the title"),
)  # fmt: skip
_KINDS: Final = (
    ("县", "county"), ("乡镇（街道）", "town"), ("村（社区）", "village"),
    ("自然村", "natural_village"), ("小区", "estate"), ("楼栋", "building"), ("单元", "stairwell"),
    ("人员", "person"), ("户", "household"), ("法人", "legal_entity"), ("地块", "plot"),
    ("主体", "party"), ("区域", "area"), ("对象", "subject"), ("记录", "record"),
    ("组织", "organisation"), ("名称", "name"),
)  # fmt: skip
_WANTS: Final = (
    ("监护人同意：本人满 {} 岁才能自己同意（{}）",
     "a guardian's consent: an own one from {} years on ({})"),
    ("今天或以后：过去的不改", "today or later: the past stays"),
    ("通用做法，待县里定 [K]", "proposal [K]; the county's own figure replaces it"),
    # numbers, lengths, times
    ("1 至 {}", "1 to {}"),
    ("0 至 {}", "0 to {}"),
    ("1 至 366", "1 to 366"),
    ("1 或更多", "1 or more"),
    ("一个", "one"),
    ("一个：一班不止一分钟", "one: a shift is long"),
    ("RFC 5545 的重复规则", "a rule (RFC 5545)"),
    ("人员的编号", "a person's id"),
    ("首尾相接的环", "rings that end where they begin"),
    ("不含空字符（NUL）的文字", "text without NUL"),
    ("1 至 {}，或不填", "1 to {}, or none"),
    ("1 至 {} 个字", "1 to {} characters"),
    ("1 至 32 个字", "1 to 32 characters"),
    ("1 至 64 个字", "1 to 64 characters"),
    ("1 至 64 个字，不写姓名", "1 to 64 characters, without a name"),
    ("1 至 128 个字", "1 to 128 characters"),
    ("1 至 200 个字", "1 to 200 characters"),
    ("1 至 32 位数字、字母、点或横线", "1 to 32 digits, letters, points, strokes"),
    ("1 至 {} 人，每人一次", "1 to {} people, each once"),
    ("2 至 32 位数字", "2 to 32 digits"),
    ("只有一台设备用的号码", "a number that one device has"),
    ("登记时的号码；要换，请先收回再另发", "as it was filed: take it back and file another row"),
    ("至多 {}", "at most {}"),
    ("至多 {} 字节", "at most {} bytes"),
    ("一次办理至多 {} 条记录", "at most {} records of one act"),
    ("至多 {} 行，请把文件分成几份", "at most {} rows; cut the file in parts"),
    ("至多 {} 行，请删去末行以下的内容，或把文件分成几份",
     "at most {} rows; delete what is below the last, or cut the file in parts"),
    ("至多 {} 列", "at most {} columns"),
    ("至多 {} 个单元格", "at most {} cells"),
    ("没有密码的 .xlsx", "a .xlsx without a password"),
    ("引号成对，每格不要太长", "quotes that are closed, short fields"),
    ("一人至多一项管理职责", "at most one office for a person"),
    ("大于 0", "more than 0"),
    ("数字", "a number"),
    ("整数", "a whole number"),
    ("不带单位的数字", "a number without a unit"),
    ("是或否", "true or false"),
    ("晚于 {}", "after {}"),
    ("晚于开始时间，且还没到", "after the beginning, and still to come"),
    ("晚于 {}", "later than {}"),
    ("晚于 {}（区域 {} 加入的时间）", "later than {}, when area {} joined"),
    ("晚于 {}（{} 开始的时间）", "later than {}, when {} began"),
    ("{} 或以后", "from {} on"),
    ("{} 或以后", "{} or later"),
    ("{} 或以后（上次变更的时间）", "{} or later, when it last changed"),
    ("{} 或以后（所含区域 {} 变更的时间）", "{} or later, when the area {} in it changed"),
    ("{} 或以前", "{} or before"),
    ("{} 或以前：到那天再登记", "{} or before: say it on the day"),
    ("{} 至 {}", "{} to {}"),
    ("{}（上次变更）至 {}", "{}, when it last changed, to {}"),
    ("不晚于现在", "not later than now"),
    ("时间，如 08:00", "a time as 08:00"),
    ("不与别的重叠的时间", "a time that does not overlap"),
    ("还没到的时间", "a time that is still to come"),
    ("带时区的时间", "a time with its zone"),
    ("时间，如 {}", "a time such as {}, or µs since 1970"),
    ("{} 或以后的时间，区域没有撤并", "a time from {} on, of an area not merged"),
    ("日期，如 2026-03-02", "a date such as 2026-03-02"),
    # codes and numbers of people and firms
    ("县、乡镇或村的 12 位代码", "12 digits of a county, town or village"),
    ("县、乡镇或村的 12 位代码：前 6、9 或 12 位，后面补 0",
     "12 digits of a county, town or village: 6, 9 or 12 of them, then zeros"),
    ("{} 再加 2 至 6 位数字", "{} and 2 to 6 digits"),
    ("{}，代码 {} 末尾的 0 是这样表示的", "{}, as the zeros of {} say"),
    ("{} 下的代码", "a code in {}"),
    ("没有上级的县", "a county without a parent"),
    ("没有用过的代码", "a code that is not taken"),
    ("没有登记过的代码：主体 {} 已用", "a code that is not registered: party {} has it"),
    ("自编代码的下级也用自编代码", "a schematic code below a schematic one"),
    ("17 位数字，末位为数字或 X", "17 digits and a digit or X"),
    ("18 位数字和大写字母，不含 I、O、S、V、Z", "18 digits and capitals without I, O, S, V, Z"),
    ("第 3 至 8 位为行政区划代码", "digits of an area in places 3 to 8"),
    ("第 7 至 14 位为出生日期", "a date of birth in places 7 to 14"),
    ("末位与前 17 位算出的不符（GB 11643）", "the one that GB 11643 gives for the first 17 digits"),
    ("末位应为 {}（GB 32100-2015）", "{} as its last character, by GB 32100-2015"),
    ("电话号码", "a telephone number"),
    ("电话号码或身份证号", "a telephone or identity number"),
    ("身份证号或电话号码", "an identity number or a telephone"),
    ("能打通的电话号码", "a phone number to reach"),
    ("SIM 卡号（5 至 22 位数字）", "a SIM's number (5 to 22 digits)"),
    # areas
    ("已登记的区域", "a registered area"),
    ("另一个区域", "another area"),
    ("区域，每个一次", "areas, each once"),
    ("互不包含的区域", "areas not in each other"),
    ("不能自己包含自己", "areas not in themselves"),
    ("承接区域之一", "one of the heirs"),
    ("还在的功能区", "a zone that goes on"),
    ("当时不在这个功能区里的区域", "an area not in the zone then"),
    ("不能自己包含自己", "an area that does not lie in itself"),
    ("不在 {} 之内的区域", "an area that does not lie in {}"),
    ("没有并入 {} 的区域", "an area that is not merged into {}"),
    ("现在的区域：{}", "an area that stands: {}"),
    ("您有权编辑的区域", "an area that you may edit"),
    ("当时直属 {} 的区域", "an area directly in {} at that time"),
    ("可以设{}的区域", "an area in which a {} can lie"),
    ("{}所在的区域", "the area in which a {} lies"),
    ("{} 时已登记的区域", "an area registered as of {}"),
    ("可以包含{}的层级", "a level that can hold a {}"),
    ("已登记且还在的区域的代码", "the code of a registered area that stands"),
    ("区域或组织，只填一个", "an area or an organisation, exactly one of them"),
    ("只填一个", "exactly one of them"),
    ("JSON", "JSON"),
    ("FeatureCollection", "a FeatureCollection"),
    ("Polygon 或 MultiPolygon", "a Polygon or MultiPolygon"),
    ("围成面的边界", "a ring with an inside"),
    ("不自相交的边界", "rings that do not cross themselves"),
    ("至少一个要素", "at least one feature"),
    ("经度、纬度，单位度", "longitude, latitude in degrees"),
    ("纬度不超过 90 度，经度不超过 180 度", "latitude within 90, longitude within 180 degrees"),
    ("纬度,经度（WGS 84）", "latitude,longitude (WGS 84)"),
    ("不写 crs：坐标系在导入时选", "no crs: the datum is declared at the import"),
    # persons, households, firms
    ("人员", "a person"),
    ("另一个人", "another person"),
    ("在世的人", "a living person"),
    ("在世的人", "who lives"),
    ("已登记的人员", "a registered person"),
    ("已登记去世的人", "a person registered as dead"),
    ("没有登记去世的人", "a person not yet registered as dead"),
    ("没有岗位和值班的人", "a person without a post or duty"),
    ("没有管理职责的人", "a person without an office"),
    ("已登记的一个人", "one person of the register"),
    ("姓名和号码对得上的一个人", "one registered person of this name and number"),
    ("姓名和号码对得上的一个人", "one person of this name and number"),
    ("已离开 {} 户的人", "a person who has left household {}"),
    ("当时已离开 {} 户的人", "a person who has left household {} by then"),
    ("这个对象的联系人", "a contact of this subject"),
    ("还有效的联系人", "a contact that stands"),
    ("本人同意其查看的联系人", "a contact whom the person lets see"),
    ("小写字母，或 1 至 8 个汉字", "small letters, or 1 to 8 Chinese ones"),
    ("户", "a household"),
    ("还在户内的成员", "a membership that goes on"),
    ("不是户主的成员", "a member who is not the head"),
    ("当时不是成员", "not a member at that time"),
    ("同一时间只有一个户主", "one head at a time"),
    ("法人", "a legal entity"),
    ("已登记的法人", "a registered legal entity"),
    ("已登记的主体", "a registered party"),
    ("另一个主体", "another party"),
    ("人员以外的主体", "a party other than a person"),
    ("现在的主体：{}", "a party that stands: {}"),
    ("已并入另一条的主体", "a party that was merged into another"),
    ("现在的主体：{}", "the party it is now: {}"),
    ("还没处理的重复提示", "a proposal that is open"),
    ("人员、主体、名称填一个", "one of person_id, party_id and name"),
    ("两项都要填", "both, not empty"),
    ("地址，或不填", "an address, or None for none"),
    # consents and papers
    ("告知书的版本", "the notice's version"),
    ("不填：由本人同意", "none: the person agrees"),
    ("先撤回", "its withdrawal"),
    ("一个有效的同意", "a consent that stands"),
    ("证明监护人身份的文件", "the paper that makes somebody the guardian"),
    ("已保存照片的 SHA-256", "the SHA-256 of a stored photo"),
    ("本人信息没有清除的一条", "one whose person is not erased"),
    ("本人信息没有清除的一行", "a row whose person is not erased"),
    ("没有别的地方还要用这一行", "nothing that needs the row"),
    # organisations, posts, rosters
    ("还在的组织", "an organisation that goes on"),
    ("不在 {} 之下的组织", "an organisation that is not under {}"),
    ("不能是自己的上级", "no organisation above itself"),
    ("一个已登记组织的名称", "the name of one registered organisation"),
    ("下面没有别的；现有 {}", "one with nothing under it; {} are"),
    ("岗位", "a post"),
    ("这段时间没有被 {} 担任的职位", "a seat that person {} does not hold meanwhile"),
    ("已装场景里的角色", "a role of an installed scenario"),
    ("场景里有的角色", "a role that a scenario declares"),
    ("{} 时还有效的一条", "one that goes on at {}"),
    ("值班表", "a roster"),
    ("有效的值班表", "a roster that holds"),
    ("值班表为什么结束", "why the roster ends"),
    ("简单写明原因", "why, in a few words"),
    ("不重复的名称", "a name of its own"),
    ("班次的名称", "the name of a shift"),
    ("谁值班", "who is on duty"),
    ("{} 时一个人值班的人", "somebody on duty alone at {}"),
    ("还在等答复的一条", "one that waits for an answer"),
    ("30 天内响过的电话", "a voice number that rang within 30 days"),
    ("iCalendar（RFC 5545）", "iCalendar (RFC 5545)"),
    # subjects, records, devices
    ("已登记的{}", "a registered {}"),
    ("已登记的{}的编号", "the id of a registered {}"),
    ("{}", "a {}"),
    ("没有结束的{}", "a {} that has not ended"),
    ("已登记且没有结束的对象", "a registered subject that has not ended"),
    ("不填：属于区域", "none: it belongs to an area"),
    ("不填：{}用{}", "none: a {} has a {}"),
    ("没有密钥时不填加密字段", "no sealed fields where there are no keys"),
    ("场景里有的类型", "a type that a scenario declares"),
    ("场景里有的对象类型", "a subject type that a scenario declares"),
    ("场景里有的记录类型", "a record type that a scenario declares"),
    ("场景里有的例行工作", "a routine that the scenario declares"),
    ("可以更正的类型；请另登记一行", "a type that may be corrected; file another row"),
    ("有办理动作的类型里的动作", "an act of a type that has acts"),
    ("不填：这个类型没有状态", "no state: the type has none"),
    ("{} 里的若干项，每项一次", "some of {}, each once"),
    ("{} 之一", "one of {}"),
    ("没有字段", "no field"),
    ("没有字段", "no fields"),
    ("{} 里至少一项", "at least one of {}"),
    ("{} 之一", "of {}"),
    ("{} 的一个对象", "one subject of {}"),
    ("已登记的{}的代码", "the code of a registered {}"),
    ("一个已登记的{}的名称或编号", "the name or id of one registered {}"),
    ("已登记的{}的编号", "the number of a filed {}"),
    ("已登记一行的编号，新的不填", "the number of a filed row, or none for a new one"),
    ("已登记的设备", "a registered device"),
    ("已接入的设备", "an adopted device"),
    ("还没有接入的 {} 设备", "a {} device that is not adopted yet"),
    ("没有人在用的设备，请先收回", "a device that nobody has; release it first"),
    ("有人佩戴的设备，才能填电话", "a device that somebody wears, for a phone number"),
    ("没有人在用的", "one that nobody has"),
    ("3 至 20 位数字，前面可加 +", "3 to 20 digits, a + before them allowed"),
    ("至少一个号码", "at least one number"),
    ("下达要求的人", "the person who orders"),
    ("支持远程设置的设备：{}", "one that takes orders: {}"),
    # keys, mode, warnings
    (
        "选一种颜色：名称里没有写清是哪一种",
        "the signal's colour, chosen: the title does not tell one alone",
    ),
    ("{}：名称里写的是这种", "{}: the title says so"),
    ("密钥的编号", "the number of a key"),
    ("演练或正式", "drill or live"),
    ("准备好", "ready"),
    ("有名称的县", "a county that has a name"),
    ("另建的县（bihuan county create）", "a county of its own, made by `bihuan county create`"),
    ("与先前收到的内容相同", "the content received before, unchanged"),
    # sheets
    (".xlsx 或 .csv 文件", "a .xlsx or .csv file"),
    ("能打开的 Excel 文件", "an Excel file that can be read"),
    ("UTF-8 或 GB 18030 编码", "UTF-8 or GB 18030"),
    ("有表头和数据行的表", "a sheet with a heading and rows"),
    ("表头下面有数据行", "rows below the headings"),
    ("表头，如 {}", "headings such as {}"),
    ("填一个值", "a value"),
    ("直接填值，不用公式", "the value itself"),
    ("每格一个值，不合并单元格", "one value in each cell"),
    ("文本格式：Excel 已把它四舍五入", "text: Excel has rounded it"),
    ("每行一次", "each row once"),
    ("有变化的行", "rows that change something"),
    ("没有错误，或只导入正确的行", "no fault, or only the good rows"),
    ("等待发布的文件", "a file that waits to be published"),
    ("您两天内看过的文件", "a file that you looked at in the last two days"),
    ("表头都认得的文件", "a file whose headings are understood"),
    ("您有权编辑的类别", "a kind that you may edit"),
    ("没有用过的名称", "a name that is not taken"),
    ("每个场景一个", "one for a scenario"),
    ("xlsx 或 csv", "xlsx | csv"),
)  # fmt: skip


def _numbers() -> dict[str, str]:
    """A number of some kind, from, up to, in a unit: every way in which fields may say it."""
    kinds = (("数字", "a number"), ("整数", "a whole number"))
    bounds = (
        ("", ""),
        ("，不小于 {}", " from {}"),
        ("，不大于 {}", " up to {}"),
        ("，{} 至 {}", " from {} up to {}"),
    )
    units = (("", ""), ("，单位 {}", " in {}"))
    return {
        kind[1] + bound[1] + unit[1]: kind[0] + bound[0] + unit[0]
        for kind, bound, unit in product(kinds, bounds, units)
    }


GOT: Final = {en: zh for zh, en in _GOT}
KINDS: Final = {en: zh for zh, en in _KINDS}
ZH: Final = {**{en: zh for zh, en in _WANTS}, **_numbers()}


def want_of(fault: Fault | CellFault, field: Field | None) -> str:
    """What a declared field wanted: its own words, or the titles of what may be chosen."""
    if field is not None and field.want is not None and fault.want == field.want[1]:
        return wording.word(field.want)
    if field is not None and fault.want == " | ".join(code for code, _title in field.choices):
        return " | ".join(wording.word(title) for _code, title in field.choices)
    return want_word(fault.want)


def in_words(fault: Fault, scenario: str = "") -> str:
    """A fault in one line, where no control stands for its field; in its scenario's own words."""
    said = said_by(fault, scenario)
    return f"{said.field}: {got_word(said.got)} → {want_word(said.want)}"


def want_word(want: str) -> str:
    """What was wanted, in the language of the page; as it stands where there is no word for it."""
    return want if get_language() == "en" else want_zh(want)


def got_word(got: str) -> str:
    """What was got: the typed text, or a word for nothing."""
    return got if get_language() == "en" else GOT.get(got, got)


def want_zh(want: str) -> str:
    """The Chinese of a want. Names of codes stay; a nested want is put into words too."""
    if want in ZH:
        return ZH[want]
    for pattern, zh in _patterns():
        found = pattern.fullmatch(want)
        if found is not None and (zh != "{}" or found[1] in KINDS):  # "a {}" is no sentence
            return zh.format(*(KINDS.get(one, ZH.get(one, one)) for one in found.groups()))
    return want


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Every sentence with places, the most particular first."""
    with_places = sorted((en for en in ZH if "{}" in en), key=lambda en: (-len(en), en))
    return [
        (re.compile("(.+)".join(re.escape(part) for part in en.split("{}"))), ZH[en])
        for en in with_places
    ]
