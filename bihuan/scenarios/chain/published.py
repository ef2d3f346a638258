"""What others publish of us, taken over and never worked out; meetings where buyers meet suppliers.

The formula of the 产业链预警畅链指数 is its publisher's: here stands what the publisher said, with
the document. A talk is no deal and an intent no contract: a pair counts by its contract alone.
"""

from __future__ import annotations

from typing import Final

from bihuan.register.scheme import Facts, Field, RecordAct, RecordType
from bihuan.scenarios.chain.firms import DESK, FIRM_PEOPLE, OFFICIALS

Faults = tuple[tuple[str, str, str], ...]


def _says_something(facts: Facts) -> Faults:
    said, faults = facts.values, list[tuple[str, str, str]]()
    if said["value"] is None and said["rank"] is None:
        faults.append(("value", "neither value nor rank", "what was published: one or both"))
    if said["value"] is not None and said["unit"] is None:
        faults.append(("unit", "nothing", "the unit as it was published"))
    if said["rank"] is not None:
        wanted = [name for name in ("of", "tied") if said[name] is None]
        faults += [(n, "nothing", "with a rank: of how many, and whether tied") for n in wanted]
        of, rank = said["of"], said["rank"]
        if isinstance(of, int) and isinstance(rank, int) and rank > of:
            faults.append(("rank", str(rank), f"at most {of}"))
    return tuple(faults)


PUBLISHED = RecordType(
    name="published",
    title=("上级公布的指标", "Published by others"),
    subject=None,
    number="GB-{year}-{n:04}",
    fields=(
        Field(
            name="indicator",
            title=("指标", "Indicator"),
            kind="choice",
            choices=(
                ("flow_index", ("产业链预警畅链指数", "Chain flow index")),
                ("valid_rate", ("“一链通”有效诉求办理率", "Rate of valid appeals handled")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        Field(
            name="period",
            title=("时期", "Period"),
            kind="text",
            pattern=r"[0-9]{4}(-(0[1-9]|1[0-2]|Q[1-4]|H[12]))?",
            want=("如 2026、2026-03、2026-Q1、2026-H1", "such as 2026, 2026-03, 2026-Q1, 2026-H1"),
            is_required=True,
            is_indexed=True,
        ),
        Field(name="group", title=("比较范围", "Compared among"), kind="text", is_required=True),
        Field(name="value", title=("公布值", "Value"), kind="decimal"),
        Field(name="unit", title=("单位", "Unit"), kind="text"),
        Field(name="rank", title=("位次", "Rank"), kind="integer", at_least=1, is_indexed=True),
        Field(name="of", title=("共几个地区", "Of how many"), kind="integer", at_least=1),
        Field(name="tied", title=("并列", "Tied"), kind="yes_no", is_indexed=True),
        Field(name="source", title=("发布单位", "Published by"), kind="text", is_required=True),
        Field(name="document", title=("文件或网页", "Document"), kind="text", is_required=True),
        Field(name="released", title=("发布日期", "Released"), kind="date", is_required=True),
    ),
    is_immutable=True,
    check=_says_something,
)
MEETING = RecordType(
    name="meeting",
    title=("对接会", "Matching meeting"),
    subject=None,
    number="DJ-{year}-{n:03}",
    fields=(
        Field(name="title", title=("会名", "Title"), kind="text", is_required=True),
        Field(name="on", title=("日期", "Date"), kind="date", is_required=True, is_indexed=True),
    ),
)
AT_MEETING = Field(
    name="meeting",
    title=("对接会", "Meeting"),
    kind="record",
    of="meeting",
    is_required=True,
    is_indexed=True,
)


def _is_consented(facts: Facts) -> Faults:
    if facts.values["may_publish"] is True:
        return ()
    return (("may_publish", str(facts.values["may_publish"]), "yes: the buyer agreed in writing"),)


NEED = RecordType(
    name="need",
    title=("采购需求", "Purchase need"),
    subject="firm",
    number="XQ-{year}-{n:05}",
    fields=(
        AT_MEETING,
        Field(name="part", title=("零部件", "Part"), kind="text", is_required=True),
        Field(name="process", title=("工艺", "Process"), kind="text"),
        Field(name="material", title=("材料", "Material"), kind="text"),
        Field(name="volume", title=("用量", "Volume"), kind="text"),
        Field(name="wanted_by", title=("需要日期", "Wanted by"), kind="date"),
        Field(name="may_publish", title=("同意公布", "May be published"), kind="yes_no"),
    ),
    states=(
        ("inside", ("未公布", "Not published")),
        ("public", ("已公布", "Published")),
    ),
    acts=(
        RecordAct(
            name="publish",
            title=("公布", "Publish"),
            from_states=("inside",),
            to="public",
            roles=DESK,
            check=_is_consented,
        ),
    ),
)
OFFER = RecordType(
    name="offer",
    title=("到会供应企业", "Supplier at a meeting"),
    subject="firm",
    number="GF-{year}-{n:05}",
    fields=(
        AT_MEETING,
        Field(name="offers", title=("能供什么", "Offers"), kind="text", is_required=True),
    ),
)


def _two_firms(facts: Facts) -> Faults:
    buyer = [one["id"] for one in facts.related["subject"]]
    if facts.values["seller"] in buyer:
        return (("seller", "the buyer itself", "another firm"),)
    if facts.values["stage"] == "contract" and facts.values["document"] is None:
        return (("document", "nothing", "the number of the contract"),)
    return ()


SIGNING = RecordType(
    name="signing",
    title=("签约", "Signing"),
    subject="firm",
    number="QY-{year}-{n:05}",
    fields=(
        AT_MEETING,
        Field(name="seller", title=("供应企业", "Seller"), kind="subject", of="firm",
              is_required=True),
        Field(
            name="stage",
            title=("谈到哪一步", "How far"),
            kind="choice",
            choices=(
                ("talk", ("洽谈", "Talk")),
                ("intent", ("意向", "Intent")),
                ("contract", ("合同", "Contract")),
            ),
            is_required=True,
            is_indexed=True,
        ),
        Field(name="is_new", title=("新建立合作", "A new pair"), kind="yes_no", is_required=True,
              is_indexed=True),
        Field(name="on", title=("日期", "Date"), kind="date", is_required=True, is_indexed=True),
        Field(name="document", title=("合同编号", "Contract number"), kind="text"),
    ),
    check=_two_firms,
)  # fmt: skip
EDITORS: Final = {
    "published": ("chain_clerk", "chain_leader"),
    "meeting": DESK,
    "need": (*FIRM_PEOPLE, *OFFICIALS),
    "offer": (*FIRM_PEOPLE, *OFFICIALS),
    "signing": DESK,
}
