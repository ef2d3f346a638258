"""The words of the register's pages: every code with its pair of Chinese and English."""

from __future__ import annotations

from typing import Final

from bihuan.console.shown import is_english
from bihuan.loop.scenario import installed
from bihuan.register.scheme import Words

Coded = tuple[tuple[str, Words], ...]

LEVELS: Final[Coded] = (
    ("county", ("县（市、区）", "County")),
    ("town", ("乡镇（街道）", "Town")),
    ("village", ("村（社区）", "Village")),
    ("natural_village", ("自然村", "Natural village")),
    ("estate", ("小区", "Estate")),
    ("building", ("楼幢", "Building")),
    ("stairwell", ("单元", "Stairwell")),
)
PARTIES: Final[Coded] = (
    ("person", ("个人", "Person")),
    ("household", ("家庭户", "Household")),
    ("legal_entity", ("法人", "Legal entity")),
    ("estate", ("小区", "Estate")),
    ("plot", ("地块", "Plot")),
)
ORGANISATIONS: Final[Coded] = (
    ("department", ("部门", "Department")),
    ("committee", ("村（居）委会", "Committee")),
    ("firm_unit", ("企业单位", "Unit of a firm")),
    ("group", ("班组", "Group")),
)
RELEASES: Final[Coded] = (
    ("returned", ("交回", "Returned")),
    ("death", ("使用人去世", "Its wearer died")),
    ("lost", ("遗失", "Lost")),
    ("broken", ("损坏", "Broken")),
    ("replaced", ("更换", "Replaced")),
    ("other", ("其他", "Other")),
)
ENDINGS: Final[Coded] = (
    ("moved", ("迁出", "Moved away")),
    ("died", ("去世", "Died")),
    ("closed", ("停办", "Closed")),
    ("merged", ("合并", "Merged")),
    ("other", ("其他", "Other")),
)
HEALTH: Final = {
    "online": ("在线", "Online"),
    "silent": ("失联", "Silent"),
    "never": ("从未上报", "Never heard"),
    "refused": ("未登记", "Not adopted"),
}
HEALTH_TONES: Final = {"online": "ok", "silent": "crit", "never": "warn", "refused": "warn"}
GROUNDS: Final = {
    "identity": ("身份证号相同", "same identity number"),
    "code": ("统一代码相同", "same code"),
    "name_phone": ("姓名和手机尾号相同", "same name and last digits of the phone"),
    "name_address": ("姓名和住址相同", "same name and address"),
}
CHANGES: Final = {
    "register": ("登记", "Registered"),
    "open": ("登记", "Filed"),
    "correct": ("更正", "Corrected"),
    "hold": ("留置", "Held"),
    "free": ("解除留置", "Hold lifted"),
    "propose": ("提出，等第二人确认", "Proposed, waits for a second person"),
    "decline": ("第二人不同意", "Declined by the second person"),
    "lapse": ("确认超时作废", "Lapsed unconfirmed"),
    "end": ("停止服务", "Ended"),
    "sign": ("签字", "Signed"),
}
PERIODS: Final = {
    "waiting": ("待签字", "To be signed"),
    "signed": ("按时签字", "Signed in time"),
    "missed": ("逾期未签", "Missed"),
    "late": ("逾期补签", "Signed late"),
    "ceased": ("不再要求", "Ceased"),
}
FINDINGS: Final = {
    "opened": ("未恢复", "Open"),
    "revised": ("已修正", "Revised"),
    "cleared": ("已恢复", "Cleared"),
    "withdrawn": ("已撤销", "Withdrawn"),
}
PURPOSES: Final = {
    "vitals": ("体征（心率、血压等）", "Vital signs"),
    "position": ("定位", "Position"),
    "visits": ("探访记录", "Visits"),
    "family_view": ("家属查看", "Relatives may see"),
}
CHANNELS: Final = {
    "heart_rate": ("心率", "Heart rate"),
    "battery": ("电量", "Battery"),
    "temperature": ("温度", "Temperature"),
    "humidity": ("湿度", "Humidity"),
    "systolic": ("收缩压", "Systolic pressure"),
    "diastolic": ("舒张压", "Diastolic pressure"),
    "spo2": ("血氧", "Oxygen saturation"),
    "steps": ("步数", "Steps"),
    "water_level": ("水位", "Water level"),
    "rain": ("雨量", "Rain"),
    "rain_step": ("雨量增量", "Rain since the last reading"),
    "rain_total": ("累计雨量", "Rain, running total"),
    "rain_1h": ("1 小时雨量", "Rain in 1 h"),
    "rain_3h": ("3 小时雨量", "Rain in 3 h"),
    "rain_6h": ("6 小时雨量", "Rain in 6 h"),
    "rain_12h": ("12 小时雨量", "Rain in 12 h"),
    "rain_24h": ("24 小时雨量", "Rain in 24 h"),
    "level": ("水位", "Level"),
    "depth": ("积水深度", "Depth of water"),
    "signal": ("信号", "Signal"),
    "turnovers": ("翻身", "Turns in bed"),
    "fix_satellites": ("定位卫星数", "Satellites of a fix"),
    "fix_hdop": ("水平精度因子", "HDOP of a fix"),
    "fix_accuracy": ("定位精度", "Accuracy of a fix"),
}
ROLES: Final = {
    "village_director": ("村主任", "Village director"),
    "registrar": ("登记员", "Registrar"),
    "administration": ("登记", "Registration"),
    "system": ("系统", "The platform"),
    "family": ("家属", "Family"),
    "self": ("本人", "In person"),
    "system_administrator": ("系统管理员", "System administrator"),
}
COLUMNS: Final = {
    "name": ("名称", "Name"),
    "latin": ("英文名", "Name in English"),
    "code": ("代码", "Code"),
    "level": ("层级", "Level"),
    "parent_id": ("上级", "Lies in"),
    "schematic": ("自编代码", "Code of our own"),
    "until_us": ("止", "Until"),
    "from_us": ("起", "From"),
    "successor_id": ("并入", "Merged into"),
    "reach": ("联系方式", "Ways to reach"),
    "phone": ("电话", "Telephone"),
    "died_us": ("去世", "Died"),
    "kind": ("类别", "Kind"),
    "area_id": ("区域", "Area"),
    "address": ("住址", "Address"),
    "survivor_id": ("并入", "Merged into"),
    "party_id": ("主体", "Party"),
    "is_led": ("由上级负责", "Led from above"),
    "is_head": ("负责人", "Head"),
    "person_id": ("人员", "Person"),
    "number": ("号码", "Number"),
    "": ("登记", "Registered"),
}
UNITS: Final = {
    "Cel": ("℃", "°C"),
    "min": ("分钟", "min"),
    "h": ("小时", "h"),
    "d": ("天", "days"),
    "%": ("%", "%"),
    "/min": ("次/分", "/min"),
    "mm[Hg]": ("毫米汞柱", "mmHg"),
    "bpm": ("次/分", "bpm"),
    "m2": ("平方米", "m²"),
    "1": ("", ""),
}

# how the days of a shift may be typed
DAY_WORDS: Final = {
    "every": ("每天", "every"),
    "working": ("工作日", "working"),
    "off": ("休息日", "off"),
}


def word(words: Words) -> str:
    """The reader's one of a pair."""
    return words[1] if is_english() else words[0]


def coded(table: Coded, code: str) -> str:
    """The word of a code; an unknown code stands for itself."""
    return named(dict(table), code)


def named(table: dict[str, Words], code: str) -> str:
    """The same of a mapping."""
    return word(table[code]) if code in table else code


def purpose(code: str) -> Words:
    """What a consent is for."""
    return PURPOSES.get(code, (code, code))


def unit(code: str | None) -> str:
    """How a unit is written beside a number."""
    return "" if code is None else named(UNITS, code)


def role(code: str) -> str:
    """A role's title in whichever scenario declares it."""
    if code in ROLES:
        return word(ROLES[code])
    for scenario in installed().values():
        if code in scenario.roles:
            return word(scenario.roles[code])
    return code


def scenario_title(name: str) -> str:
    """A scenario's title."""
    found = installed().get(name)
    return word(found.title) if found is not None else name
