"""What a call-out says, to whom: the order, the superior's notice, the door-knock, the lift.

Never a link. Drills and demos are marked first, in every text.
"""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.base.time import CHINA, datetime_of
from bihuan.journal.keys import KeyRing
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.callout import models
from bihuan.loop.delivery.texts import COUNTY_ROW, MARKS, Saying
from bihuan.loop.models import Delivery
from bihuan.loop.warned.words import issued_at, quoted
from bihuan.register.models import Area, County, Person
from bihuan.register.warnings.models import OfficialWarning

MOST_NAMED = 5


def mark_of(county_mode: str, mode: str, *, is_english: bool) -> str:
    """【演示】 of a demo county, 【演练】 of a drill; both where both hold."""
    found = [county_mode] + (["drill"] if mode == "drill" and county_mode != "drill" else [])
    return "".join(MARKS[one][is_english] for one in found)


def saying(rows: Rows, delivery: Delivery, keys: KeyRing, *, is_english: bool) -> Saying:
    """The words of one message. Raises BadInputError where what it is about is gone."""
    callee = rows.get(models.CallOutPerson, delivery.case_id)
    aide = rows.get(models.CallOutAide, delivery.case_id)
    whom = callee if callee is not None else aide
    call_out = rows.get(models.CallOut, whom.call_out_id) if whom is not None else None
    if whom is None or call_out is None:
        raise bad("call_out", delivery.case_id, "a person of a call-out")
    county = rows.get(County, COUNTY_ROW)
    mode = county.mode if county is not None else "live"
    title, said = _WORDS[delivery.purpose](rows, delivery, call_out, keys)[is_english]
    name = (county.latin if is_english else county.name) if county is not None else ""
    mark = mark_of(mode, call_out.mode, is_english=is_english)
    text = f"{mark}{name}{': ' if is_english else '：'}{said}"
    params = _params(rows, call_out, (name, mark, said), is_english)
    return Saying(f"{mark}{title}", text, params, f"{mark}{'Call-out' if is_english else '叫应'}")


def _params(
    rows: Rows, call_out: models.CallOut, words: tuple[str, str, str], is_english: bool
) -> dict[str, str]:
    name, mark, said = words
    area = rows.get(Area, call_out.area_id)
    at = datetime_of(call_out.ordered_us).astimezone(CHINA)
    return {
        "what": said,
        "who": "",
        "place": (area.latin if is_english else area.name) if area is not None else "",
        "time": at.strftime("%H:%M" if is_english else "%H时%M分"),
        "county": name,
        "mark": mark,
    }


Both = tuple[tuple[str, str], tuple[str, str]]


def _order(rows: Rows, delivery: Delivery, call_out: models.CallOut, keys: KeyRing) -> Both:
    at, at_en = _issued(rows, call_out)
    head = f"{call_out.issuer}{at}{call_out.level}。" if call_out.issuer else ""
    head_en = f"{call_out.issuer} {at_en}{call_out.level}. " if call_out.issuer else ""
    ways = _ways(delivery.channel, ("收到", "received"), ("执行不了", "cannot do it"))
    return (
        ("叫应", f"{head}{_stop(call_out.zh, '。')}{ways[0]}"),
        ("Call-out", f"{head_en}{_stop(call_out.en or call_out.zh, '.')} {ways[1]}"),
    )


def _issued(rows: Rows, call_out: models.CallOut) -> tuple[str, str]:
    """The station's own time, where the order is for a warning that the register holds."""
    known = call_out.warning_id is not None
    warning = rows.get(OfficialWarning, call_out.warning_id) if known else None
    if warning is None:
        return "", ""
    return f"{issued_at(warning)}发布", f"{issued_at(warning, is_english=True)} "


def _superior(rows: Rows, delivery: Delivery, call_out: models.CallOut, keys: KeyRing) -> Both:
    found = _theirs(delivery.person_id, call_out.id, "superior_id", ("superior", "knock"))
    zh, en = _named(found, keys)
    ways = _ways(delivery.channel, ("我来联系", "I will see to it"), ("办不到", "I cannot"))
    return (
        ("叫应无人应答", f"您辖区{len(found)}人没有应答叫应：{zh}。请设法联系。{ways[0]}"),
        (
            "Call-out unanswered",
            f"{len(found)} of your people have not answered: {en}. Please reach them. {ways[1]}",
        ),
    )


def _knock(rows: Rows, delivery: Delivery, call_out: models.CallOut, keys: KeyRing) -> Both:
    found = _theirs(delivery.person_id, call_out.id, "knocker_id", ("knock",))
    zh, en = _named(found, keys)
    ways = _ways(delivery.channel, ("我去", "I go"), ("去不了", "I cannot go"))
    return (
        (
            "上门叫应",
            f"请上门叫应{len(found)}人：{zh}。告知：{_stop(call_out.zh, '。')}{ways[0]}",
        ),
        (
            "Door-knock",
            f"Please go to the door of {len(found)}: {en}. "
            f"Tell them: {_stop(call_out.en or call_out.zh, '.')} {ways[1]}",
        ),
    )


def _lift_offer(rows: Rows, delivery: Delivery, call_out: models.CallOut, keys: KeyRing) -> Both:
    """The issuer lifted its warning; whether the order is lifted too is for this person."""
    held = rows.get(models.CallOutOffer, call_out.id)
    by = rows.get(OfficialWarning, held.warning_id) if held is not None else None
    zh, en = (quoted(by), quoted(by, is_english=True)) if by is not None else ("", "")
    ways = _ways(delivery.channel, ("知道了", "I have it"), ("办不了", "I cannot"))
    return (
        ("待解除叫应", f"{_stop(zh, '。')}叫应仍在进行，请核实后在叫应台解除。{ways[0]}"),
        (
            "A lift waits for you",
            f"{_stop(en, '.')} The call-out still runs: check, then lift it at the desk. {ways[1]}",
        ),
    )


def _lift(rows: Rows, delivery: Delivery, call_out: models.CallOut, keys: KeyRing) -> Both:
    zh, en = call_out.lift_zh, call_out.lift_en or call_out.lift_zh
    return (
        ("解除", f"{call_out.lift_issuer}解除：{_stop(zh, '。')}此前的叫应到此结束。"),
        (
            "Lifted",
            f"Lifted by {call_out.lift_issuer}: {_stop(en, '.')} The call-out is over.",
        ),
    )


_WORDS = {
    "order": _order,
    "superior": _superior,
    "knock": _knock,
    "lift": _lift,
    models.LIFT_OFFER: _lift_offer,
}


def _stop(text: str, mark: str) -> str:
    """A sentence that ends in one full stop."""
    return text.strip().rstrip("。. ") + mark


def _ways(channel: str, yes: tuple[str, str], no: tuple[str, str]) -> tuple[str, str]:
    if channel == "sms":
        return f"{yes[0]}回复1，{no[0]}回复2。", f"Reply 1: {yes[1]}; 2: {no[1]}."
    if channel == "voice":
        return f"{yes[0]}按1，{no[0]}按2。", f"Press 1: {yes[1]}; 2: {no[1]}."
    zh = f"{yes[0]}或{no[0]}，请在本页确认或告诉值守台。"
    return zh, f"Confirm here or tell the duty desk: {yes[1]} or {no[1]}."


def _theirs(
    person_id: int, call_out_id: int, field: str, states: tuple[str, ...]
) -> list[models.CallOutPerson]:
    """Whom this person is to see to, the most urgent first."""
    found = models.CallOutPerson.objects.using(MAIN).filter(
        call_out_id=call_out_id, state__in=states, **{field: person_id}
    )
    return list(found.order_by("-risk", "id"))


def _named(found: list[models.CallOutPerson], keys: KeyRing) -> tuple[str, str]:
    """The first few by name, and how many more."""
    first = [one.person_id for one in found[:MOST_NAMED]]
    people = Person.objects.using(MAIN).in_bulk(first)
    zh = [keys.open(people[one].name) or "—" for one in first if one in people]
    en = [keys.open(people[one].latin) or "—" for one in first if one in people]
    more = len(found) - len(first)
    tails = ("等", f" and {more} more") if more else ("", "")
    return "、".join(zh) + tails[0], ", ".join(en) + tails[1]
