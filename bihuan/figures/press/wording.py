"""What a number is about: the words of its clause as indicator, scope and status.

An indicator is the text's own words without light verbs (实现, 完成, 共有): the noun before the
number (网络零售额92.5亿元), or the verb and noun around it (直接收回…2564.1亩低效用地).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bihuan.figures.press.carry import clause_start
from bihuan.figures.press.vocabulary import BODY, LIGHT_VERBS, MONEY, NAME, THIS, WHOLE

_SPLIT = re.compile(
    r"累计|共计|合计|总计|总共|(?<!公)共(?![富同享青和产建治赢])|已经|已|目前|现(?=有|共)|(?<![平人亩年月周日户])均|首次|"
    r"先后|预计|预期(?!寿命)|有望|(?<!度)计划(?!的)|(?<!模)拟|将(?!军)|则|也|还(?!款)|又|仅|达产后|投产后|建成后"
)
_LIGHT_HEAD = re.compile(rf"^(?:{'|'.join(LIGHT_VERBS)}|设(?![计施备立]))(?:了)?")
_LIGHT_TAIL = re.compile(
    r"(?:成功实现|实现了?|完成了?|达到了?|达成|发展到了?|增至|升至|达至"
    r"|(?:提高|提升|上升|增加|增长|扩大|下降|降低|减少|缩小|缩短|压缩|降)[到至]"
    r"|突破|高达|控制在|占|达|约为|(?<!行)为|是|有|在|超|约|近|等|了|到|从|由|(?<!许)可|分别)$"
)
_SCOPE = re.compile(rf"(?:{WHOLE})|(?:(?<=[在于从由，、。]){NAME}|^{NAME})")
_HEAD_SCOPE = re.compile(
    rf"^(?:[在对为从由向给]|位于|其中)?(?P<scope>(?!全年){WHOLE}|{THIS}|{BODY}|{NAME})(?P<de>的)?(?=.)"
)
# whom it is held against is not whose it is
_AGAINST = re.compile(r"(?:占|高于|低于|快于|慢于|拉动|下拉|位?[居列])[^，。；：]*")
_THIS = re.compile(
    r"^(?:该|整个|这个|此)[一-鿿]{0,8}?(?:项目|公司|基地|中心|园区|小区|街道|镇|村|企业|工程|平台|学校)"
)
_SUBJECT = re.compile(
    rf"^(?!本次|此次){BODY}(?=成立|创建|创办|位于|坐落|占地|是|已|共|现|拥有|目前|有|由|自|，)"
)
_EVENT = re.compile(
    r"在(?:[今去前]年的)?(?P<event>[^，。；在]{2,20}?(?:运动会|大赛|比赛|博览会|展会|节))(?:中|上|期间)"
)
# a meeting or a game that somebody holds, and what is then said of it: 承办了市运会，共设28项比赛
_HELD = re.compile(
    r"(?:承办|举办|主办|举行)了?(?P<event>(?:(?!举办|承办|主办|举行)[^，。；：])"
    r"{2,20}?(?:运动会|大赛|比赛|博览会|展会|展销会|文化节|艺术节|节会))"
)
_OF_EVENT = re.compile(r"^(?:共|分|下|一共)?(?:设有?|设置了?|分为|吸引了?|迎来了?)$")
# a subject parted from its verb by what it leans on: 青禾小镇，凭借良好赛道，举办了
_LEANING = re.compile(
    r"(?:^|[；。：])(?P<subject>[^，。；：、\d]{2,14})，(?:凭借|依托|借助|立足|依靠)"
)
# whose doing it is: 赛艇项目|吸引了|10个行业系统
_DOES = re.compile(rf"^(?P<who>{BODY})(?P<verb>[一-鿿]{{2}}了)$")
_DAILY = re.compile(
    rf"^(?P<scope>{BODY}|中心|基地|园区|这里|当地)的?(?=日均?|年均?|月均?|累计|单日)"
)
_LINK = re.compile(r"^(?:[、和及与]|以及|并|其中|同时|此外|会上|，)+")
_STOP = re.compile(
    r"[，。；：、！？…\n”（(]|(?:和|及|与|以及)(?=[近约超逾]?\d)|共计|累计|合计|总计|用以|用于|来自|\d"
)
# what those do that a number counted: 吸引30多支|职工队伍|劈波斩浪. Only after who brought them
_PIVOT = re.compile(r"(?:吸引|组织|邀请|号召|带动|引导|动员|召集|发动)了?$")
_THEY = re.compile(
    r"(?<=[一-鿿]{2})(?:前来|踊跃|积极|纷纷|共同|齐聚|到场|报名|参加|参与|参赛|入驻|观看|观摩|打卡|竞技|角逐"
    r"|比拼|同[台场]|展开|劈波斩浪|一展|大显|奋勇|争先)"
)
_DETAIL = re.compile(
    r"^[，。；：、！？…\n）)”]|^(?:预计|已|将|正在|全部|均|都)|^(?:和|及|与|以及|等)|^(?:(?:增长|提高|提升|上升|扩大|下降|减少|缩小|增加|降低?|增|升)[到至])|^$"
)
_SUM_OF = re.compile(
    r"(?:总|协议|计划|意向|实际|固定资产|累计)?(?:投资额?|产值|营收|收入|资金|造价|价值|销售额|税收|贷款|补贴|金额)$"
)
_SHARE = MONEY | {"%", "‰", "倍"}

_AT_CAPACITY = re.compile(r"达产|满产|投产后|建成后|全部建成")
_PLANNED = re.compile(
    r"(?<!度)计划(?!的)|(?<!模)拟|规划(?=建|总|用|面|新)|目标(?=[是为任])|力争|预计[^，。；]{0,10}(?:竣工|建成|完工|开工|投产|投用)"
)
_DUE = re.compile(
    r"，(?:[^，。；]{1,20}，)?(?:预计|计划|拟)[^，。；]{0,12}(?:竣工|建成|完工|投产|投用|开工|通车|交付)"
)
_AGREED = re.compile(r"(?:协议|签约|签订|意向|签署)[^。；]{0,30}(?:投资|金额)")
_SUM_AGREED = re.compile(r"^(?!.*(?:实际|到位|完成)).*(?:投资|金额)")
_FORECAST = re.compile(r"预计|预期(?!寿命)|有望|将(?:达|破|超|突破|实现|增|有|会)|可达")
_DONE = re.compile(r"已|完成|实现了|截至|达成")


@dataclass(frozen=True, slots=True)
class Words:
    """indicator and scope as printed; `start` and `end` bound the indicator in the sentence."""

    indicator: str | None
    scope: str | None
    start: int
    end: int


def words_about(text: str, number: tuple[int, int], left_at: int, unit: str | None) -> Words:
    """Indicator and scope of the quantity at `number`, reading back no further than `left_at`."""
    start, end = number
    left = text[left_at:start]
    left_at += len(left) - len(_LINK.sub("", left))
    left = text[left_at:start]
    sum_of = _SUM_OF.search(left) if unit in MONEY else None
    if sum_of and (text[end : end + 1] == "的" or re.search(r"[将在由向]", left)):
        return Words(sum_of.group(), _parts(left)[0], left_at + sum_of.start(), start)
    is_listed = left.endswith(("、", "和", "及", "与"))  # the noun there is the number's before
    scope, subject, predicate = (None, "", "") if is_listed else _parts(left)
    right = _right(text, end, unit, predicate or subject)
    if right:
        until = text.find(right, end) + len(right)
        return _around(right, (scope, subject, predicate), left_at, (start, until))
    named = _trimmed(predicate)
    if len(named) < 2 or (
        len(named) == 2 and subject and scope == subject and not is_body(subject)
    ):
        named = _trimmed(re.sub(rf"^(?:{WHOLE})", "", subject)) + named
        scope = None if scope and scope == subject else scope
    if len(named) < 2:
        return _earlier(text, left_at, start)
    at = text.rfind(named[:2], left_at, start)
    daily = _DAILY.match(named)
    if daily and len(named) - daily.end() >= 2:
        return Words(named[daily.end() :], daily["scope"], max(at, left_at), start)
    return Words(named, scope, at if at >= 0 else left_at, start)


def _parts(left: str) -> tuple[str | None, str, str]:
    """(scope, subject, predicate): 青禾基地|共|有企业 is that scope and 有企业."""
    parts = [part for part in _SPLIT.split(left) if part]
    if _SPLIT.search(left):
        is_open = bool(_SPLIT.match(left)) and len(parts) == 1
        subject = "" if is_open or not parts else parts[0]
        predicate = parts[-1] if is_open or len(parts) > 1 else ""
        head = _HEAD_SCOPE.match(subject + "。")
        if head and head.end() >= len(subject):
            return head["scope"], subject, predicate
        inner = _scope_in(left)
        is_thing = len(_trimmed(predicate)) >= 2 and 2 <= len(subject) <= 16
        is_somebody = is_thing and subject not in _NOBODY
        return inner or (subject if is_somebody else None), subject, predicate
    does = _DOES.match(left)
    if does and not re.match(r"(?:本次|此次|这次)", left):
        return does["who"], "", does["verb"]
    head = _HEAD_SCOPE.match(left)
    if head and len(left) - head.end() >= 1 and not _is_noun_part(head, left):
        return head["scope"], "", left[head.end() :]
    return _scope_in(left), "", left


def is_body(words: str) -> bool:
    """Whether the words are a place or an organisation, not a thing that is counted."""
    return bool(re.fullmatch(rf"{WHOLE}|{BODY}|{NAME}", words))


def _is_noun_part(head: re.Match[str], left: str) -> bool:
    """中心 in 中心建设项目 may be part of the noun: only whole places and 的 part for certain."""
    return not (
        head["de"]
        or re.fullmatch(rf"{WHOLE}|{THIS}", head["scope"])
        or _NAME_END.search(head["scope"])
    )


_NOBODY = (
    "全年",
    "年内",
    "此次",
    "本次",
    "其中",
    "当前",
    "这里",
    "另",
    "此外",
    "同时",
    "活动",
    "会上",
)
_NAME_END = re.compile(r"(?:街道|[市县镇乡])$")


def _scope_in(words: str) -> str | None:
    own = _AGAINST.sub(lambda other: "，" * len(other.group()), words)
    found = [match.group() for match in _SCOPE.finditer(own)]
    return found[-1] if found else None


def _trimmed(words: str) -> str:
    """The noun without the light verb before or after it."""
    words = _LINK.sub("", words)
    while match := _LIGHT_TAIL.search(words):
        words = words[: match.start()]
    head = _LIGHT_HEAD.match(words)
    if head and len(words) - head.end() >= 2:
        words = words[head.end() :]
    inner = re.split(r"实现|(?<=..)完成", words)[-1]
    return (inner if len(inner) >= 2 else words).strip("的了")


def _right(text: str, end: int, unit: str | None, left: str) -> str:
    """The noun after the number; "" where the number ends its phrase."""
    rest = text[end : end + 40]
    if _DETAIL.match(rest):
        return ""
    if unit in _SHARE and len(_trimmed(left)) >= 2 and not rest.startswith("的"):
        return ""
    rest = rest[1:] if rest.startswith("的") else rest
    if rest.startswith("“"):
        closing = rest.find("”")
        return rest[: closing + 1] if closing > 0 else ""
    stop = _STOP.search(rest)
    is_list = stop is not None and re.match(r"、(?!\d)", rest[stop.start() :]) is not None
    if stop and is_list and stop.start() <= 3:
        stop = _STOP.search(rest, stop.end())
    if stop and stop.group() == "”" and "“" in rest[: stop.start()]:
        stop = _STOP.search(rest, stop.end())
    noun = rest[: stop.start()] if stop else rest[:24]
    # 4S店, 5G基站, 60周岁以上老人
    coded = re.match(r"\d[A-Z]{1,3}[一-鿿]{1,8}|\d{1,3}周?岁(?:及?以[上下])?的?[一-鿿]{1,8}", rest)
    if stop and stop.group().isdigit():  # 611户企业|实现产值736亿元: the next number's verb
        noun = re.split(r"实现|完成|达到|提供|获得", noun, maxsplit=1)[0] or noun
        noun = re.sub(r"的?[近约超逾有共]$", "", noun)
    return (coded.group() if coded else noun).removesuffix("的")


def _around(
    right: str, parts: tuple[str | None, str, str], left_at: int, number: tuple[int, int]
) -> Words:
    """Verb before and noun after, the verb left out if light or long: 吸引|全市30多支|职工队伍.

    `number` runs from the quantity to the end of the noun.
    """
    scope, subject, predicate = parts
    verb = re.sub(rf"(?:{WHOLE})的?$", "", predicate).rstrip("了的")
    verb = re.sub(r"\d[^\s，]*$", "", verb)
    verb = "" if verb in LIGHT_VERBS or len(verb) > 4 or verb.endswith("等") else verb
    is_empty = re.fullmatch(rf"[在对为从由向给]?(?:{WHOLE})?", verb) is not None
    is_empty = is_empty or re.fullmatch(r"[一两二三几][个支条座批名]", verb) is not None
    verb = "" if is_empty or _LIGHT_HEAD.fullmatch(verb) else verb
    if _PIVOT.search(verb) and (they := _THEY.search(right)):
        right = right[: they.start()]
    if scope is None and subject and len(subject) <= 12 and subject not in _NOBODY:
        scope = subject
    return Words(verb + right, scope, number[0] if not verb else left_at, number[1])


def _earlier(text: str, left_at: int, start: int) -> Words:
    """A clause of only a verb (增至2家) speaks of the clause before it."""
    if left_at < 2:
        return Words(None, None, start, start)
    before_at = clause_start(text, left_at - 1)
    before = text[before_at : left_at - 1]
    head = re.split(
        r"同比|环比|实现|达到|完成|取得|有了|得到|突破|超过?|逾|破|达|\d", before, maxsplit=1
    )[0]
    scope, subject, predicate = _parts(head)
    named = _trimmed(predicate) or _trimmed(re.sub(rf"^(?:{WHOLE})", "", subject))
    if not 2 <= len(named) <= 24:
        return Words(None, scope, start, start)
    return Words(named, scope, text.find(named, before_at, start), start)


def place_before(text: str, at: int) -> str | None:
    """Whose number the sentence says it is: 该项目, an event (在…运动会中), the last place."""
    said = _THIS.match(text[:at]) or _SUBJECT.match(text[:at])
    if said:
        return said.group()
    events = list(_EVENT.finditer(text, 0, at))
    if _OF_EVENT.match(text[clause_start(text, at) : at]):
        events += _HELD.finditer(text, 0, at)
    half = text.rfind("；", 0, at) + 1
    leaning = _LEANING.search(text[max(half - 1, 0) : at])
    if leaning:
        return leaning["subject"]
    place = _scope_in(text[:at])
    if events and (place is None or text.rfind(place, 0, at) < events[-1].end()):
        return events[-1]["event"]
    return place


def status_of(text: str, start: int, end: int, unit: str | None) -> str:
    """actual unless the words of the clause before the number, or its sentence, say otherwise."""
    semi = max(text.rfind("；", 0, start), text.rfind("。", 0, start)) + 1
    if _AT_CAPACITY.search(text[semi:start]) and not re.search(
        r"已[^，]{0,4}(?:达产|满产)", text[semi:start]
    ):
        return "at_capacity"
    clause = text[clause_start(text, start) : start]
    is_due = _DUE.match(text[end : end + 48]) and not _DONE.search(clause)
    ahead = text[semi:start][-40:]
    if is_due or _PLANNED.search(re.split(r"目前|截至|(?<!而)已", ahead)[-1]):
        return "planned"
    if unit in MONEY and _AGREED.search(text[semi:start]) and _SUM_AGREED.search(clause):
        return "planned"  # agreed is not paid in
    if re.match(r"预计|将|拟", text[end : end + 2]):
        return "forecast"
    hoped = list(_FORECAST.finditer(text, semi, start))
    is_ahead = bool(hoped) and not _DONE.search(text[hoped[-1].end() : start])
    return "forecast" if is_ahead else "actual"
