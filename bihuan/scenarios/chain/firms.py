"""A firm and what it needs from whom: its liaison by name, its goods, how long its stock lasts.

One page per firm: everything below hangs on it. Who speaks for the firm is its contact, sees this
firm and no other, and counts its own stock. Nothing here points back at a rival's page.
"""

from __future__ import annotations

from typing import Final

from bihuan.base.time import DAY_US
from bihuan.register.scheme import (
    Computed,
    Facts,
    Field,
    RecordAct,
    RecordType,
    Relation,
    SubjectType,
    Value,
)
from bihuan.scenarios.chain.rules import STOCK_HOLDS

FIRM_PEOPLE: Final = ("family",)  # the firm's contacts: the loop's name for who is asked
DESK: Final = ("chain_clerk",)
OFFICIALS: Final = ("chain_clerk", "chain_liaison", "chain_leader")
STOCK = Field(
    name="days",
    title=("库存可用天数（不知道就空着）", "Days of stock (empty where unknown)"),
    kind="decimal",
    unit="d",
    at_least=0,
    at_most=365,
    is_indexed=True,
)
SHARE = Field(
    name="share",
    title=("占本企业用量（不知道就空着）", "Share of the need (empty where unknown)"),
    kind="decimal",
    unit="%",
    at_least=0,
    at_most=100,
)
ROAD = Field(
    name="transport_days",
    title=("在途天数（当天到填0，不知道就空着）", "Days on the road (0 = same day)"),
    kind="decimal",
    unit="d",
    at_least=0,
    at_most=90,
)
AS_OF = Field(name="as_of", title=("盘点时间", "Counted at"), kind="time", is_indexed=True)


def known_days(facts: Facts) -> float | None:
    """Days that the stock still lasts: what was counted, unless it is too old; None = unknown.

    While deliveries come the stock is refilled, so it is not counted down here.
    """
    return days_that_hold(facts.values["days"], facts.values["as_of"], facts.now_us)


def days_that_hold(days: Value, as_of: Value, now_us: int) -> float | None:
    """The same of one count, at a time (µs)."""
    if not isinstance(days, int | float) or not isinstance(as_of, int):
        return None
    is_fresh = now_us - as_of <= STOCK_HOLDS.days * DAY_US
    return float(days) if is_fresh else None


def _one_supplier(facts: Facts) -> tuple[tuple[str, str, str], ...]:
    """Either a firm of the register or a name; days only with the time of counting."""
    said, faults = facts.values, list[tuple[str, str, str]]()
    given = [name for name in ("supplier_firm", "supplier") if said[name] is not None]
    if len(given) != 1:
        got = " and ".join(given) or "neither"
        faults.append(("supplier", got, "one of supplier_firm and supplier"))
    if said["days"] is not None and said["as_of"] is None:
        faults.append(("as_of", "nothing", "when the stock was counted"))
    if isinstance(said["as_of"], int) and said["as_of"] > facts.now_us:
        faults.append(("as_of", "later than now", "a time that has passed"))
    if said["share"] == 0:
        faults.append(("share", "0", "more than 0, or nothing where it is unknown"))
    if said["supplier_firm"] in [one["id"] for one in facts.related["subject"]]:
        faults.append(("supplier_firm", "the firm itself", "another firm"))
    return tuple(faults)


FIRM = SubjectType(
    name="firm",
    title=("企业", "Firm"),
    party="legal_entity",
    fields=(
        Field(
            name="industry",
            title=("产业", "Industry"),
            kind="choice",
            choices=(
                ("autos", ("汽车", "Cars")),
                ("machine_tools", ("机床", "Machine tools")),
                ("new_materials", ("新材料", "New materials")),
                ("other", ("其他", "Other")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        Field(name="is_key", title=("重点企业", "Key firm"), kind="yes_no", is_indexed=True),
        Field(name="makes", title=("主要产品", "Makes"), kind="text"),
        Field(
            name="liaison",
            title=("挂联干部", "Named liaison"),
            kind="party",
            of="person",
            is_required=True,
        ),
        Field(
            name="liaison_phone",
            title=("挂联电话", "Liaison's telephone"),
            kind="text",
            pattern=r"[0-9+][0-9 -]{5,19}",
            want=("电话号码，数字和空格", "a telephone number"),
            is_required=True,
        ),
    ),
    relations=(
        Relation(name="appeals", title=("诉求", "Appeals"), to="appeal", by="subject"),
        Relation(name="letters", title=("函件", "Letters"), to="letter", by="subject"),
        Relation(name="legs", title=("外地环节", "Other counties"), to="leg", by="subject"),
        Relation(name="passes", title=("通行证", "Passes"), to="pass", by="subject"),
        Relation(name="supplies", title=("供应与库存", "Supplies"), to="supply", by="subject"),
    ),
)
SUPPLY = RecordType(
    name="supply",
    title=("供应与库存", "Supply and stock"),
    subject="firm",
    number="GY-{year}-{n:05}",
    fields=(
        Field(name="good", title=("物料", "Good"), kind="text", is_required=True, is_indexed=True),
        Field(
            name="supplier_firm",
            title=("供应商（本地登记企业）", "Supplier, registered here"),
            kind="subject",
            of="firm",
        ),
        Field(name="supplier", title=("供应商（外地或未登记）", "Supplier elsewhere"), kind="text"),
        Field(name="supplier_place", title=("供应商所在地", "Where it is"), kind="text"),
        SHARE,
        ROAD,
        STOCK,
        AS_OF,
    ),
    states=(("used", ("在用", "In use")), ("dropped", ("不再采购", "No longer bought"))),
    computed=(
        Computed(
            name="known_days",
            title=("目前可信的可用天数", "Days that hold now"),
            kind="decimal",
            unit="d",
            of=known_days,
        ),
    ),
    acts=(
        RecordAct(
            name="count",
            title=("更新库存", "Count the stock"),
            from_states=("used",),
            to=None,
            roles=(*FIRM_PEOPLE, *OFFICIALS),
            fields=(STOCK, Field(name="as_of", title=AS_OF.title, kind="time", is_required=True)),
            check=_one_supplier,
        ),
        RecordAct(
            name="drop",
            title=("不再采购", "No longer bought"),
            from_states=("used",),
            to="dropped",
            roles=(*FIRM_PEOPLE, *DESK),
        ),
    ),
    check=_one_supplier,
)
