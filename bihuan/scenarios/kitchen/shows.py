"""面板、打印表、总览: what the kitchen's pages show besides the common parts. Pure over a book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, Final

from bihuan.base.time import CHINA, HOUR_US, MINUTE_US, datetime_of, us_of
from bihuan.loop.shows import Book, Notice, Overview, Panel, Row, Sheet
from bihuan.loop.states import OUTCOME_WORDS, STATE_WORDS
from bihuan.register.scheme import RecordType, SubjectType, Value, Words
from bihuan.scenarios.kitchen import matched, times
from bihuan.scenarios.kitchen.batch_times import HELD, LIVE
from bihuan.scenarios.kitchen.batches import BATCH, STEPS
from bihuan.scenarios.kitchen.deliveries import STOPPED
from bihuan.scenarios.kitchen.limits import (
    DELIVERY,
    KNOWN,
    NATIONAL,
    SCHOOLS,
    held,
    limit,
    span_us,
)
from bihuan.scenarios.kitchen.playbook import DISPOSITION, VERIFIED
from bihuan.scenarios.kitchen.roles import KITCHEN, MARKET, OFFICER
from bihuan.scenarios.kitchen.rules import RULES
from bihuan.scenarios.kitchen.subjects import SUPPLIER

SHOWN_US: Final = 2 * HOUR_US  # of a probe's readings
HACCP_LIMITS: Final = {
    "cook_core": ("烹饪中心温度不低于", "Cooked to a core of at least"),
    "reheat_core": ("复热中心温度不低于", "Reheated to a core of at least"),
    "hot_hold": ("热藏中心温度不低于", "Hot hold at least"),
    "chilled": ("冷藏中心温度不高于", "Chilled at most"),
    "hot_life": ("热藏食用时限（自出锅）", "Hot food keeps, from cooking"),
    "chilled_life": ("冷链食用时限（自出锅）", "Chilled food keeps, from cooking"),
    "exposure": ("8–60℃ 存放不超过", "Between 8 and 60 ℃ at most"),
    "sample": ("留样不少于", "Sample of at least"),
    "sample_kept": ("留样时间不少于", "Sample kept at least"),
    "packing": ("供学校：出锅后分装不超过", "For schools: packed within"),
}
MARKS: Final = {"Cel": ("℃", "℃"), "h": ("小时", "h"), "min": ("分钟", "min"), "g": ("克", "g")}
SOURCES: Final = {
    NATIONAL: ("GB 31654-2021（转引，原文待核）", "GB 31654-2021 (at second hand; to be checked)"),
    DELIVERY: ("餐饮服务食品安全操作规范（2018）", "Catering food safety operating code (2018)"),
    SCHOOLS: ("校园供餐标准（2025-12-01起）", "School catering standard (from 2025-12-01)"),
    KNOWN: (
        "通行做法，非法规，以县里规定为准",
        "General practice, no law; the county's figure counts",
    ),
}
CURVE: Final = ("60→21→8℃冷却曲线", "Cooling curve 60 → 21 → 8 ℃")
UNKNOWN: Final = ("未登记", "Not entered")
STATES: Final = dict(BATCH.states)
FOODS: Final = dict(DISPOSITION.options)


def choice(declared: RecordType | SubjectType, field: str, said: object) -> Words:
    """The words of a chosen value."""
    for one in declared.fields:
        if one.name == field:
            return dict(one.choices).get(str(said), UNKNOWN)
    return UNKNOWN


def tone(left_us: int | None) -> str:
    """How urgent a time is: crit once it is over or unknown, warn in the last half hour."""
    if left_us is None or left_us <= 0:
        return "crit"
    return "warn" if left_us <= span_us("ahead") else "ok"


def _line(book: Book, batch: Row, by_us: int | None) -> dict[str, Any]:
    """A batch as a line: its words, and how long it may still be eaten."""
    left_us = None if by_us is None else by_us - book.now_us
    return {
        "batch": batch,
        "state": STATES.get(str(batch["state"]), UNKNOWN),
        "meal": choice(BATCH, "meal", batch["meal"]),
        "keeping": choice(BATCH, "keeping", batch["keeping"]),
        "by_us": by_us,
        "latest_us": times.moment(batch.get("latest")),
        "left_min": None if left_us is None else left_us // MINUTE_US,
        "tone": tone(left_us),
        "is_live": batch["state"] in LIVE,
    }


def judged(book: Book, batch: Row) -> dict[str, Any]:
    """A batch by what was entered and what devices measured: where they differ, the worse."""
    checks = book.rows("check", where={"batch": batch["id"]})
    found = matched.matched(book, batch, checks, dict(STEPS))
    by_us, entered_us = matched.eat_by(batch, checks, found), times.eat_by(batch, checks)
    return {
        **_line(book, batch, by_us),
        "devices": [{"of": one, "limit": limit_words(one.limit)} for one in found],
        "is_shortened": by_us != entered_us,
        "entered_us": entered_us,
    }


def limit_words(told: object) -> Words:
    """A limit version as a record keeps it, `chilled 8 Cel v1`, in words; "" where it is none."""
    if told == matched.CURVE:
        return CURVE
    name, amount, unit, version = [*str(told or "").split(), "", "", "", ""][:4]
    if name not in HACCP_LIMITS:
        return ("", "")
    words, mark = HACCP_LIMITS[name], MARKS.get(unit, (unit, unit))
    return (f"{words[0]} {amount} {mark[0]} {version}", f"{words[1]} {amount} {mark[1]} {version}")


def _checks(book: Book, batch: Row) -> list[dict[str, Any]]:
    steps = dict(STEPS)
    return [
        {
            "row": row,
            "step": steps.get(str(row["step"]), UNKNOWN),
            "limit": limit_words(row.get("limit")),
            "tone": "crit" if row.get("is_beyond") else "ok",
            "who": row["who.register"],
        }
        for row in book.rows("check", where={"batch": batch["id"]})
    ]


def batch_panel(book: Book, batch_id: int) -> Mapping[str, Any]:
    """The countdown, the entries, and which schools have it and know of a stop."""
    batch = book.row(batch_id)
    assert batch is not None, "the page has opened it"
    deliveries = book.rows("delivery", where={"batch": batch_id})
    return {
        **judged(book, batch),
        "checks": _checks(book, batch),
        "deliveries": deliveries,
        "is_stopped": batch["state"] in STOPPED,
    }


def case_panel(book: Book, case_id: int) -> Mapping[str, Any]:
    """Of a control point its readings of two hours; of a kitchen its batches, most urgent first."""
    case = book.case(case_id)
    subject_id = None if case is None else times.moment(case["subject_id"])
    subject = None if subject_id is None else book.row(subject_id)
    if subject is None or subject_id is None:
        return {"subject": None, "series": [], "lines": []}
    if subject["kind"] == "supplier":
        return {"subject": subject, "series": [], "lines": live(book, subject_id)}
    rules = [rule for rule in RULES if str(subject["kind"]) in rule.subjects]
    channels = sorted({rule.channel for rule in rules})
    series = [_series(book, subject_id, channel) for channel in channels]
    limits = [{"title": (r.title_zh, r.title_en), "source": r.source} for r in rules]
    return {"subject": subject, "series": series, "lines": [], "limits": limits}


def _series(book: Book, subject_id: int, channel: str) -> dict[str, Any]:
    found = book.readings(subject_id, channel, book.now_us - SHOWN_US, book.now_us + 1)
    good = [one for one in found if one.is_good]
    values = [one.value for one in good]
    title = ("中心温度", "Core") if channel == "core_temperature" else ("环境温度", "Air")
    return {
        "title": title,
        "last": good[-1] if good else None,
        "least": min(values, default=None),
        "most": max(values, default=None),
        "count": len(values),
        "bad": len(found) - len(good),
    }


def live(book: Book, subject_id: int | None = None) -> list[dict[str, Any]]:
    """Batches that may still be eaten or are on hold, the shortest time first."""
    rows = book.rows("batch", subject_id=subject_id, states=(*LIVE, *HELD))
    lines = [judged(book, row) for row in rows]
    return sorted(lines, key=lambda line: (line["by_us"] or 0, line["batch"]["id"]))


def board(book: Book) -> Mapping[str, Any]:
    """Every live batch of every kitchen that may be seen."""
    lines = live(book)
    return {
        "lines": lines,
        "over": sum(line["tone"] == "crit" for line in lines),
        "soon": sum(line["tone"] == "warn" for line in lines),
        "now_us": book.now_us,
    }


def grades(book: Book) -> Mapping[str, Any]:
    """The annual grade beside the rule's own, and the risk grade as another scale."""
    rows: list[dict[str, Any]] = [
        {
            "row": row,
            "issued": choice(SUPPLIER, "quant_grade", row.get("quant_grade")),
            "risk": choice(SUPPLIER, "risk", row.get("risk")),
        }
        for row in book.rows("supplier")
    ]
    known = [one["row"].get("quant_grade") for one in rows]
    good = sum(one in ("A", "B") for one in known)
    share = round(100 * good / len(known), 1) if known else None
    return {"rows": rows, "count": len(known), "best": known.count("A"), "share": share}


def haccp(book: Book, batch_id: int, _period: tuple[int, int] | None) -> Mapping[str, Any]:
    """The whole record of a batch: limits by version, every entry, what was done about it."""
    batch = book.row(batch_id)
    assert batch is not None, "who opens the sheet may open the batch"
    supplier_id, probe_id = times.moment(batch["subject_id"]), times.moment(batch["probe"])
    since_us = times.moment(batch["cooked"]) or 0
    probe = None if probe_id is None else book.row(probe_id)
    return {
        **judged(book, batch),
        "supplier": None if supplier_id is None else book.row(supplier_id),
        "probe": probe,
        "checks": _checks(book, batch),
        "entered": batch["who.register"],
        "samples": _by(book.rows("sample", where={"batch": batch_id})),
        "deliveries": _legs(book, batch_id),
        "limits": [_quoted(name, words, since_us) for name, words in HACCP_LIMITS.items()],
        "done": _done(batch),
        "cases": _cases(book, batch),
        "on": datetime_of(since_us).astimezone(CHINA).date().isoformat(),
        "now_us": book.now_us,
    }


def _quoted(name: str, words: Words, at_us: int) -> dict[str, Any]:
    one = held(name, at_us)
    return {
        "words": words,
        "one": one,
        "unit": MARKS.get(one.unit, (one.unit, one.unit)),
        "source": SOURCES.get(one.source, (one.source, one.source)),
    }


def _cases(book: Book, batch: Row) -> list[dict[str, Any]]:
    """Deviations and recalls of the batch: who put it right when, the food, who verified."""
    kinds = {"deviation": ("偏离", "Deviation"), "recall": ("召回", "Recall")}
    found = book.cases(
        tuple(kinds),
        subject_id=times.moment(batch["subject_id"]),
        since_us=times.moment(batch["opened_us"]),
    )
    its = [row for row in found if row["row_id"] == batch["id"]]
    return [
        {
            "row": row,
            "kind": kinds[str(row["kind"])],
            "state": STATE_WORDS[str(row["state"])],
            "outcome": OUTCOME_WORDS.get(str(row["outcome"]), ("", "")),
            "corrected_by": row["who.correct"],
            "food": FOODS.get(str(row["picked.disposition"]), ("", "")),
            "is_verified": row["outcome"] == VERIFIED,
            "verified_by": row["who.closed"] if row["outcome"] == VERIFIED else "",
        }
        for row in its
    ]


def _by(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows with who entered them."""
    return [{"row": row, "who": row["who.register"]} for row in rows]


def _legs(book: Book, batch_id: int) -> list[dict[str, Any]]:
    return [
        {
            "row": row,
            "receipts": _by(book.rows("receipt", where={"delivery": row["id"]})),
            "reheats": _by(book.rows("reheat", where={"delivery": row["id"]})),
        }
        for row in book.rows("delivery", where={"batch": batch_id})
    ]


def _done(batch: Row) -> list[tuple[Words, int, Value]]:
    """What was done to the batch and by whom, in the order of time."""
    found = [
        (act.title, at_us, batch[f"who.{act.name}"])
        for act in BATCH.acts
        if (at_us := times.moment(batch.get(f"at.{act.name}"))) is not None
    ]
    return sorted(found, key=lambda one: one[1])


def label(book: Book, batch_id: int, _period: tuple[int, int] | None) -> Mapping[str, Any]:
    """What stands on each box: food, maker, time made, eat-by, how to eat it."""
    batch = book.row(batch_id)
    assert batch is not None, "who opens the sheet may open the batch"
    maker_id = times.moment(batch["subject_id"])
    line = judged(book, batch)
    if line["is_shortened"]:  # a device contradicts the entries: the box never says longer
        line["latest_us"] = line["by_us"]
    return {
        **line,
        "maker": None if maker_id is None else book.row(maker_id),
        "is_chilled": batch["keeping"] == times.CHILLED,
        "reheat_c": f"{limit('reheat_core', book.now_us):g}",
    }


def evening(book: Book, supplier_id: int) -> Words | None:
    """Half an hour before the day's paper is due: what it will say. Nothing on a signed day."""
    today = datetime_of(book.now_us).astimezone(CHINA).date()
    since_us = us_of(datetime.combine(today, time(0), CHINA))
    papers = book.rows("daily", subject_id=supplier_id, where={"starts": today.isoformat()})
    if papers:
        return None
    batches: Sequence[Row] = book.rows("batch", subject_id=supplier_id, since_us=since_us)
    held_ = sum(row["state"] in STOPPED for row in batches)
    return (
        f"今天{len(batches)}批，停用{held_}批；日管控已自动填好，请18:00前签字",
        f"{len(batches)} batches today, {held_} stopped; the daily paper has filled itself,"
        " please sign it by 18:00",
    )


PANELS: Final = (
    Panel(
        on="record",
        kind="batch",
        title=("食用时限与用餐点", "Eat by, and where it is"),
        facts=batch_panel,
        template="batch_panel.html",
    ),
    Panel(
        on="case",
        kind="deviation",
        title=("现在怎样", "How it stands"),
        facts=case_panel,
    ),
)
SHEETS: Final = (
    Sheet(
        name="haccp",
        on="record",
        kind="batch",
        title=("HACCP 记录", "HACCP record"),
        facts=haccp,
        template="haccp.html",
    ),
    Sheet(
        name="label",
        on="record",
        kind="batch",
        title=("供餐标签", "Label"),
        facts=label,
        template="label.html",
    ),
)
OVERVIEWS: Final = (
    Overview(
        name="countdown",
        title=("批次倒计时", "Batches by time left"),
        facts=board,
        template="countdown.html",
        roles=(*KITCHEN, *MARKET),
    ),
    Overview(
        name="grades",
        title=("量化等级", "Quantified grades"),
        facts=grades,
        template="grades.html",
        roles=MARKET,
    ),
)
NOTICES: Final = (
    Notice(
        name="evening",
        title=("日管控待签", "The day's paper"),
        subject="supplier",
        to=OFFICER,
        at="17:30",
        text=evening,
    ),
)
