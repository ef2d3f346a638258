"""What a message says, by purpose, in the scenario's own words. Never a link: nothing to click.

Who is called may be driving, old, or on a phone without pages: a text is answered with a digit,
a call with a key, anything else at the duty desk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bihuan.base.errors import bad
from bihuan.base.time import CHINA, datetime_of
from bihuan.journal.keys import KeyRing
from bihuan.journal.rows import Rows
from bihuan.loop.models import Case, Delivery
from bihuan.loop.playbook import playbook_of
from bihuan.loop.scenario import installed
from bihuan.loop.warned.standing import warnings_of
from bihuan.loop.warned.words import quoted
from bihuan.register.models import Area, County, Person, Subject

MARKS = {"demo": ("【演示】", "[DEMO] "), "drill": ("【演练】", "[DRILL] "), "live": ("", "")}
COUNTY_ROW, MOST_ANSWER = 1, 100


@dataclass(frozen=True, slots=True)
class Saying:
    """What is said; params: variables of a template, by name. Never prints.

    glance: a title without anybody's name, for screens that others may read
    """

    title: str = field(repr=False)
    text: str = field(repr=False)
    params: Mapping[str, str] = field(repr=False)
    glance: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a message is about, and how its receiver can answer."""

    rows: Rows
    delivery: Delivery
    case: Case
    keys: KeyRing
    is_english: bool

    def pick(self, zh: str, en: str) -> str:
        return en if self.is_english else zh


Says = Callable[[Occasion, Mapping[str, str]], tuple[str, str]]
_says: dict[str, Says] = {}


def says(purpose: str) -> Callable[[Says], Says]:
    """Register what messages of a purpose say: (title, text) from the occasion and its words."""

    def register(function: Says) -> Says:
        if purpose in _says:
            raise bad("purpose", purpose, "one text for each purpose")
        _says[purpose] = function
        return function

    return register


def saying(occasion: Occasion) -> Saying:
    """The words for one message. Raises BadInputError for a purpose that has none."""
    how = _says.get(occasion.delivery.purpose)
    if how is None:
        raise bad("purpose", occasion.delivery.purpose, " or ".join(_says))
    words = words_of(occasion)
    title, text = how(occasion, words)
    mark = words["mark"]
    return Saying(f"{mark}{title}", f"{mark}{text}", words, f"{mark}{words['what']}")


def words_of(occasion: Occasion) -> dict[str, str]:
    """what, who, place, time, county and mark: the variables that a template may name."""
    rows, case, is_english = occasion.rows, occasion.case, occasion.is_english
    subject = rows.get(Subject, case.subject_id) if case.subject_id is not None else None
    behind = (
        subject.person_id if subject is not None else None if case.is_sealed else case.origin_id
    )
    person = rows.get(Person, behind) if behind is not None else None
    area, county = rows.get(Area, case.area_id), rows.get(County, COUNTY_ROW)
    who = occasion.keys.open(_name(person, is_english)) or (subject.name if subject else None)
    at = datetime_of(case.last_signal_us).astimezone(CHINA)
    return {
        "what": what_of(case, is_english=is_english),
        "who": who or occasion.pick("有人", "somebody"),
        "place": (area.latin if is_english else area.name) if area is not None else "",
        "time": at.strftime("%H:%M" if is_english else "%H时%M分"),
        "county": (county.latin if is_english else county.name) if county is not None else "",
        "mark": MARKS[county.mode if county is not None else "live"][is_english],
    }


def what_of(case: Case, *, is_english: bool) -> str:
    """What a case is called by its scenario: 呼救, 诉求 …"""
    scenario = installed().get(case.scenario)
    words = scenario.signals.get(case.kind) if scenario is not None else None
    zh, en = words or playbook_of(case.playbook).title
    return en if is_english else zh


def _name(person: Person | None, is_english: bool) -> bytes | None:
    if person is None:
        return None
    return bytes(person.latin if is_english else person.name)


def how_to_answer(occasion: Occasion, yes: tuple[str, str], no: tuple[str, str]) -> str:
    """How this receiver answers: by a digit, by a key, or at the duty desk."""
    channel, n = occasion.delivery.channel, int(occasion.is_english)
    if channel == "sms":
        return occasion.pick(f"{yes[0]}回复1，{no[0]}回复2。", f"Reply 1: {yes[1]}; 2: {no[1]}.")
    if channel == "voice":
        return occasion.pick(f"{yes[0]}按1，{no[0]}按2。", f"Press 1: {yes[1]}; 2: {no[1]}.")
    return (f"{yes[0]}或{no[0]}，请告诉值守台。", f"Tell the duty desk: {yes[1]} or {no[1]}.")[n]


@says("call")
def _call(occasion: Occasion, words: Mapping[str, str]) -> tuple[str, str]:
    warned = warnings_of(occasion.rows, occasion.case.id)
    if warned:
        return _warned(occasion, words, quoted(warned[-1], is_english=occasion.is_english))
    title = occasion.pick("{what}：{who}", "{what}: {who}").format(**words)
    said = occasion.pick(
        "{county}：{who}在{place}{what}，{time}。", "{county}: {what}, {who}, {place}, {time}. "
    ).format(**words)
    answer = how_to_answer(occasion, ("能去", "I go"), ("去不了", "I cannot go"))
    return title, f"{said}{answer}"


def _warned(occasion: Occasion, words: Mapping[str, str], quote: str) -> tuple[str, str]:
    """An official warning in its issuer's words; what is done about it is for this person."""
    answer = how_to_answer(occasion, ("我来处置", "I take it"), ("接不了", "I cannot"))
    title = occasion.pick("{what}：{place}", "{what}: {place}").format(**words)
    said = occasion.pick(
        "{county}：{quote}。请决定应急响应。", "{county}: {quote}. Decide the response level. "
    ).format(county=words["county"], quote=quote)
    return title, f"{said}{answer}"


@says("ask")
def _ask(occasion: Occasion, words: Mapping[str, str]) -> tuple[str, str]:
    title = occasion.pick("{what}解决了吗", "{what}: is it solved?").format(**words)
    told = (occasion.keys.open(occasion.case.answer) or "")[:MOST_ANSWER].rstrip("。. ")
    said = occasion.pick(
        "{county}：{who}{what}已办理", "{county}: {what}, {who}, has been dealt with"
    ).format(**words)
    reply = f"{occasion.pick('，答复：', ': ')}{told}" if told else ""
    end = occasion.pick("。", ". ")
    answer = how_to_answer(occasion, ("解决了", "solved"), ("没解决", "not solved"))
    return title, f"{said}{reply}{end}{answer}"


@says("stand_down")
def _stand_down(occasion: Occasion, words: Mapping[str, str]) -> tuple[str, str]:
    title = occasion.pick("{what}已有人处置", "{what} is in hand").format(**words)
    text = occasion.pick(
        "{county}：{who}{what}已有人处置，您不用去了。",
        "{county}: {what}, {who}, is in hand; you need not go.",
    ).format(**words)
    return title, text


@says("task")
def _task(occasion: Occasion, words: Mapping[str, str]) -> tuple[str, str]:
    title = occasion.pick("{what}待签收", "{what}: please receive it").format(**words)
    text = occasion.pick(
        "{county}：{place}的{what}交您办理，请签收。",
        "{county}: {what}, {place}, is assigned to you; please receive it.",
    ).format(**words)
    return title, text


@says("supervise")
def _supervise(occasion: Occasion, words: Mapping[str, str]) -> tuple[str, str]:
    title = occasion.pick("{what}已被督办", "{what} is supervised").format(**words)
    text = occasion.pick(
        "{county}：{place}的{what}临近或超过时限，请尽快办理。",
        "{county}: {what}, {place}, is near or past its limit; please act.",
    ).format(**words)
    return title, text


@says("sign")
def _sign(occasion: Occasion, words: Mapping[str, str]) -> tuple[str, str]:
    title = occasion.pick("{what}待签字", "{what} waits for your signature").format(**words)
    text = occasion.pick(
        "{county}：{place}的{what}多次询问没有回复，请核实后签字。",
        "{county}: nobody replied about {what}, {place}; please check and sign.",
    ).format(**words)
    return title, text


@says("tell")
def _tell(occasion: Occasion, words: Mapping[str, str]) -> tuple[str, str]:
    told = (occasion.keys.open(occasion.case.answer) or "")[:MOST_ANSWER].rstrip("。. ")
    title = occasion.pick("{what}的答复", "{what}: the answer").format(**words)
    said = occasion.pick("{county}：您反映的{what}", "{county}: about {what}, {place}").format(
        **words
    )
    end = (
        occasion.pick("：", ": ") + told if told else occasion.pick("有了新进展", " there is news")
    )
    return title, f"{said}{end}{occasion.pick('。', '.')}"


@says("state")
def _state(occasion: Occasion, words: Mapping[str, str]) -> tuple[str, str]:
    title = occasion.pick("{what}：请写情况说明", "{what}: your statement, please").format(**words)
    text = occasion.pick(
        "{county}：关于{place}的{what}，请您先写情况说明。",
        "{county}: please write your statement about {what}, {place}, first.",
    ).format(**words)
    return title, text
