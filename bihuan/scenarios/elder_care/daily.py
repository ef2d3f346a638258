"""The family's daily line, and on days of official heat the village's: whom to look in on.

「今天戴了，电量 60%」: who came, when, and what was called for. A day without data says so. A
line goes on where the last one ended: what happens after it in the evening is told the next day.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from bihuan.base.time import CHINA, DAY_US, datetime_of
from bihuan.loop.shows import Book, Notice, Row
from bihuan.register.scheme import Words
from bihuan.scenarios.elder_care.looks import clock, day_begins, worn
from bihuan.scenarios.elder_care.records_health import VISIT

SEEN_WITHIN_US = 30 * DAY_US
NOTED_WITHIN_US = 7 * DAY_US  # what is noted later than that is no news of the day
CAME = {
    value: words for field in VISIT.fields if field.name == "came" for value, words in field.choices
}
WAYS = {
    value: words for field in VISIT.fields if field.name == "way" for value, words in field.choices
}
FRAIL = ("high", "key")


def has_band(book: Book, elder_id: int) -> bool:
    """Whether a band is with the elder: in its paper, else as it was heard within a month.

    One that was taken back (returned, lost, or after a death) is with nobody: no line goes out.
    """
    issues = book.rows("issue", subject_id=elder_id)
    if issues:
        return any(one["state"] == "worn" for one in issues)
    return worn(book, elder_id, book.now_us - SEEN_WITHIN_US, book.now_us + 1).heard_us is not None


def daily_line(book: Book, elder_id: int) -> Words | None:
    """What the family is told each evening; None for who has no band."""
    if not has_band(book, elder_id):
        return None
    parts = [_band(book, elder_id), _visits(book, elder_id), _cases(book, elder_id)]
    said = [part for part in parts if part is not None]
    return "；".join(zh for zh, _ in said) + "。", "; ".join(en for _, en in said) + "."


def _band(book: Book, elder_id: int) -> Words:
    today = worn(book, elder_id, day_begins(book.now_us), book.now_us + 1)
    if today.heard_us is None:
        return (
            "今天没有收到手环数据，不知道是否平安，请打个电话",
            "Nothing was heard of the band today: it is not known how things are, please ring",
        )
    power = (
        ("", "")
        if today.battery is None
        else (f"，电量 {today.battery}%", f", battery {today.battery} %")
    )
    said = ("今天没戴", "Not worn today") if today.worn_us is None else ("今天戴了", "Worn today")
    if "vitals" in book.stopped(elder_id):  # without a pulse nobody knows
        said = (
            "今天有联系；本人不同意看体征，不知道戴没戴",
            "Heard today; by the elder's wish no signs are kept, so nobody knows if it was worn",
        )
    return said[0] + power[0], said[1] + power[1]


def _visits(book: Book, elder_id: int) -> Words | None:
    """Who came, when; somebody who rang or stood before a shut door is said as that."""
    told = [_visit(one, book.now_us) for one in _since_the_last_line(book, elder_id)]
    if not told:
        return None
    return "、".join(zh for zh, _ in told), ", ".join(en for _, en in told)


def _since_the_last_line(book: Book, elder_id: int) -> list[Row]:
    """Visits that were both made and noted since: each is in one line, noted late or ahead."""
    last_us = book.now_us - DAY_US
    when = {"seen": (last_us - NOTED_WITHIN_US, book.now_us)}
    found = [
        (seen_us, one)
        for one in book.rows("visit", subject_id=elder_id, where=when)
        if isinstance(seen_us := one["seen"], int)
        and isinstance(noted_us := one["opened_us"], int)
        and last_us <= max(seen_us, noted_us) < book.now_us
    ]
    return [one for _, one in sorted(found, key=itemgetter(0))]


def _visit(one: Row, now_us: int) -> Words:
    who = CAME.get(str(one["came"]), ("工作人员", "Staff"))
    way = WAYS.get(str(one["way"]), ("", ""))
    met = ("", "") if one["met"] is True else ("，没见到", ", nobody met")
    at = _when(int(str(one["seen"])), now_us)
    return f"{at[0]} {who[0]}{way[0]}{met[0]}", f"{at[1]} {who[1]}, {way[1].lower()}{met[1]}"


def _when(at_us: int, now_us: int) -> Words:
    """`15:10` of today; of an earlier day with its day."""
    at, today = clock(at_us), day_begins(now_us)
    if at_us >= today:
        return at, at
    if at_us >= today - DAY_US:
        return f"昨天 {at}", f"yesterday {at}"
    day = datetime_of(at_us).astimezone(CHINA)
    return f"{day.month}月{day.day}日 {at}", f"{day.month}-{day.day} {at}"


def _cases(book: Book, elder_id: int) -> Words | None:
    """What was called for since the last line, and what of before is still in hand."""
    last_us, now_us = book.now_us - DAY_US, book.now_us
    since = book.cases(subject_id=elder_id, since_us=last_us, until_us=now_us)
    still = book.cases(subject_id=elder_id, is_open=True, until_us=last_us)
    mine = [one for one in since if not _is_false(one)]
    told = [part for part in (_of_now(mine, now_us), _of_before(len(still))) if part is not None]
    return ("；".join(zh for zh, _ in told), "; ".join(en for _, en in told)) if told else None


def _of_now(cases: Sequence[Row], now_us: int) -> Words | None:
    if not cases:
        return None
    n, n_open = len(cases), sum(one["state"] != "closed" for one in cases)
    is_today = all(int(str(one["opened_us"])) >= day_begins(now_us) for one in cases)
    since = ("今天", "today") if is_today else ("昨晚到现在", "since last evening")
    case = "case" if n == 1 else "cases"
    if n_open:
        return (
            f"{since[0]}有 {n} 件事，{n_open} 件还在处置",
            f"{n} {case} {since[1]}, {n_open} still in hand",
        )
    return f"{since[0]}有 {n} 件事，都已办结", f"{n} {case} {since[1]}, all closed"


def _of_before(n: int) -> Words | None:
    if not n:
        return None
    return f"此前有 {n} 件事还在处置", f"{n} of before still in hand"


def _is_false(case: Row) -> bool:
    return case["outcome"] == "false_alarm"


def unusual_line(book: Book, elder_id: int) -> Words | None:
    """Each morning until somebody has taken it: whose readings are off the own usual."""
    found = book.cases(("unusual",), subject_id=elder_id, is_open=True)
    if not any(one["state"] == "new" for one in found):
        return None
    return (
        "手环读数偏离本人常态，请看望并用上臂袖带复测；不是诊断",
        "Readings of the band are off the own usual: please look in and measure by an upper-arm"
        " cuff; this is no diagnosis",
    )


def heat_now(book: Book) -> Row | None:
    """The official heat warning that is in force: the newest that nobody lifted."""
    found = book.rows("heat_day", states=("on",), since_us=book.now_us - 2 * DAY_US)
    return found[-1] if found else None


def heat_line(book: Book, elder_id: int) -> Words | None:
    """On a day of official heat: who lives alone or is frail is looked in on today."""
    heat, elder = heat_now(book), book.row(elder_id)
    if heat is None or elder is None:
        return None
    if elder["living"] != "alone" and elder["risk"] not in FRAIL:
        return None
    issued = heat["issued"]
    at = clock(issued) if isinstance(issued, int) else ""
    return (
        f"{heat['station']} {at} 发布高温预警信号，今天请看望",
        f"{heat['station']} issued a heat warning at {at}: please look in today",
    )


NOTICES = (
    Notice(
        name="daily_line",
        title=("每日平安", "The day"),
        subject="elder",
        to="family",
        at="19:30",
        text=daily_line,
    ),
    Notice(
        name="heat",
        title=("高温看望", "Heat: look in"),
        subject="elder",
        to="village_duty",
        at="09:00",
        text=heat_line,
    ),
    *(
        Notice(
            name=name,
            title=("请复测", "To be measured again"),
            subject="elder",
            to=role,
            at="08:30",
            text=unusual_line,
        )
        for name, role in (("unusual", "doctor"), ("unusual_village", "village_duty"))
    ),
)
