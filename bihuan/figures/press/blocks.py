"""What each block of the page is: body, headline, byline, jump line, weather, advertisement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from bihuan.figures.press.page import Block, Line, ems, has_han, lines


class Kind(Enum):
    BODY = "body"
    HEAD = "headline"
    BYLINE = "byline"
    ONWARD = "jump to another page"
    BACK = "jump from another page"
    WEATHER = "weather"
    AD = "advertisement"
    FURNITURE = "page furniture"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Piece:
    """A block and what it was taken for; `is_joined` = no blank line before it."""

    kind: Kind
    block: Block
    is_joined: bool = False


MARK = "■□◆◇●▲△★☆"
_ROLE = r"(?:记者|通讯员|摄影|摄影报道|见习记者|实习生|特约记者|首席记者)"
_BYLINE = re.compile(
    rf"^(?:[{MARK}][^，。！？；]{{1,40}}|(?:本报)?(?:全媒体)?{_ROLE}[^，。！？；：:]{{2,24}}"
    r"|[一-鿿]{2,4}(?:摄影?|/摄))$"
)
_NAMES = re.compile(r"^[一-鿿]{2,3}(?: +[一-鿿]{1,3}){0,3}$")
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任"
    "沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "倪居俞华荣施费屠计朴庄殷骆褚柳祝"
)
_LEAD = re.compile(r"^(?:本报讯|本报记者)")
_DATED = re.compile(
    r"^(?:近日|日前|昨[天日]|连日来|今[天日晨]|前[天日]|最近|眼下|上周|本周|[“\"]?\d{1,2}月\d{1,2}日)"
)
_JUMP = re.compile(
    r"[（(【]?\s*(?:(下)转|紧接|(上)接)\s*第?\s*(?:[\dA-Z]{1,3}|[一二三四五六七八])\s*版[^）)】\n]{0,12}[）)】]?"
)
_FURNITURE = re.compile(
    r"星期[一二三四五六日]|责任编辑|责编|版面|版式|校对|国内统一|CN\d|邮发代号|总第\d+期|本报地址|第\d+期|农历"
)
# what a whole line of furniture says: the day, the page's number and name
_EDGE = re.compile(
    r"(?:19|20)\d\d年\d{1,2}月\d{1,2}日|\d{1,2}|第?(?:\d{1,2}|[一二三四五六七八])版|[A-D]\d{1,2}版?"
    r"|(?:要闻|综合|时政|民生|经济|社会|文化|教育|健康|体育|国内|国际|本地)(?:新闻|要闻|版)?"
)
_SKY = re.compile(
    r"今天|明天|后天|夜里|白天|早晨|傍晚|多云|阴有|阴到|转阴|晴到|晴|阵雨|雷雨|小雨|中雨|大雨|暴雨|雾|霾|"
    r"最高气温|最低气温|气温|相对湿度|[东南西北偏]{1,3}(?:到[东南西北偏]{1,3})?风|风力|\d+[到至~-]\d+级|\d+级|-?\d+℃|局部|午后"
)
_SKIES = re.compile(r"(?:今[日天]|本[市县])?(?:天气|气象)(?:预报|信息)?$")
_DEGREES = re.compile(r"℃|气温|[东南西北]{1,3}风")
_PHONE = re.compile(
    r"(?<!\d)(?:0\d{2,3}-?\d{7,8}|1[3-9]\d{9}|[2-8]\d{6,7}|400-?\d{3}-?\d{4})(?![\d.元人万家个次份])"
)
_AD = re.compile(
    r"地址[：:]|热线|电话[：:]|咨询|招生|招聘|诚聘|订购|售楼|加盟|转让|出租|扫码|优惠|钜惠|广告|遗失|声明作废|拍卖"
)
_SLOGAN = re.compile(r"我们|您|！$|欢迎|提\s*醒\s*[：:]")
_FIRM = re.compile(
    r"^[一-鿿（）()]{2,18}(?:学校|学院|公司|医院|银行|酒店|商场|集团|培训|超市|驾校|影城|商城|门诊部)$"
)
_ENDS = re.compile(r"[。！？][”’」）]?$")
_SECTION = re.compile(r"^[（(]?[一二三四五六七八九十]{1,2}[）)]?$")


_CELL = re.compile(r"[-+±]?\d[\d,.，．]*[%％]?|[—–-]")


def opens_article(text: str) -> bool:
    """Whether a body beginning like this can only be an article's first words."""
    return bool(_LEAD.match(text))


def opens_dated(text: str) -> bool:
    """Whether it begins as an article does, by saying when."""
    return bool(_LEAD.match(text) or _DATED.match(text))


def pieces(text: str) -> list[Piece]:
    """The page cut into blocks and each block recognised, in printed order."""
    cut = _cut(text)
    found: list[Piece] = []
    for block, is_joined in cut:
        found.append(Piece(_kind(block, found[-1] if found else None), block, is_joined))
    return _with_neighbours(_with_continuations(found))


def _cut(text: str) -> list[tuple[Block, bool]]:
    """Blocks between blank lines, cut again where a byline, a jump or an article begins."""
    cut: list[tuple[Block, bool]] = []
    group: list[Line] = []
    is_joined = False

    def close(joined_next: bool) -> None:
        nonlocal is_joined
        for part in _split_tail(group) if group else ():
            cut.append((Block(tuple(part)), is_joined))
            is_joined = True
        group.clear()
        is_joined = joined_next

    for line in lines(text):
        if line is None:
            close(False)
            continue
        for part in _split_jump(line):
            if group and not _goes_on(group, part):
                close(not part.is_apart)
            group.append(part)
    close(False)
    return cut


def _split_jump(line: Line) -> list[Line]:
    """A line with its jump, 下转 or 上接, as a line of its own."""
    jump = _JUMP.search(line.text)
    if not jump:
        return [line]
    cuts = [(0, jump.start()), jump.span(), (jump.end(), len(line.text))]
    parts: list[Line] = []
    for start, end in cuts:
        words = line.text[start:end]
        if words.strip():
            at = line.start + start + len(words) - len(words.lstrip())
            parts.append(
                Line(at, at + len(words.strip()), words.strip(), not parts and line.is_apart)
            )
    return parts


def _goes_on(group: list[Line], line: Line) -> bool:
    """Whether the line continues the block, rather than beginning one."""
    text = "".join(line.text.split())
    if line.is_apart or _LEAD.match(text) or _JUMP.match(line.text) or _JUMP.match(group[0].text):
        return False
    if _is_edge(group[-1]) or (_is_edge(line) and not _speaks(group)):
        return False
    if opens_dated(text) and all(ems(one.text) < ems(line.text) - 2 for one in group):
        return bool(re.search(r"[。，；]", "".join(one.text for one in group)))
    if _BYLINE.match("".join(group[0].text.split())):
        has_role = re.match(_ROLE, text) is not None
        return has_role or (text[0] in _SURNAMES and bool(_NAMES.match(line.text)))
    return not _BYLINE.match(text)


def _is_edge(line: Line) -> bool:
    """Whether a line belongs to the page and to none of its articles."""
    text = "".join(line.text.split())
    is_told = len(text) <= 60 and "。" not in text and _FURNITURE.search(text) is not None
    return is_told or _EDGE.fullmatch(text) is not None


def _speaks(group: list[Line]) -> bool:
    """Whether lines are text: a number alone on a line may then be part of a sentence."""
    return bool(re.search(r"[，。；]", "".join(line.text for line in group)))


def _is_table(block: Block) -> bool:
    """Rows of words and numbers side by side; a table is not read."""
    rows = [sum(1 for cell in line.text.split() if _CELL.fullmatch(cell)) for line in block.lines]
    full = sum(1 for cells in rows if cells >= 2)
    return "。" not in block.text and full >= 2 and full * 5 >= len(rows) * 2


def _split_tail(group: list[Line]) -> list[list[Line]]:
    """A headline printed right under the end of its text, without a blank line, cut off it."""
    column = max(ems(line.text) for line in group)
    for at in range(len(group) - 1, max(0, len(group) - 4), -1):
        tail = "".join(line.text for line in group[at:])
        if re.search(r"[。，；！？]", tail) or _JUMP.match(tail):
            return [group]
        if _ENDS.search(group[at - 1].text):
            widths = [ems(line.text) for line in group[at:]]
            return [group] if _fills(widths, column) else [group[:at], group[at:]]
    return [group]


def _kind(block: Block, before: Piece | None) -> Kind:
    text = block.text
    jump = _JUMP.fullmatch(text)
    if jump:
        return Kind.BACK if jump.group(2) else Kind.ONWARD
    if _BYLINE.match("".join(block.lines[0].text.split())) and len(text) <= 60:
        return Kind.BYLINE
    if _is_table(block):
        return Kind.TABLE
    is_inside = before is not None and before.kind is Kind.BODY and not before.block.is_finished
    if not is_inside and len(block.lines) == 1 and _is_edge(block.lines[0]):
        return Kind.FURNITURE
    if not is_inside and not _LEAD.match(text):
        told = _notice(text)
        if told:
            return told
    return Kind.BODY if _is_prose(block, is_inside) else Kind.HEAD


def _notice(text: str) -> Kind | None:
    """Weather, advertisement or furniture by its own words; None if it is none of them."""
    if len(text) <= 400 and _DEGREES.search(text):
        words = [match.group() for match in _SKY.finditer(text)]
        if len(set(words)) >= 4 and sum(map(len, words)) >= 0.3 * len(text):
            return Kind.WEATHER
    asks = len(set(_AD.findall(text)))
    if asks and (_PHONE.search(text) or text.startswith("地址")):
        is_prose = text.count("。") >= 2 and asks < 2
        return None if is_prose else Kind.AD
    if len(text) <= 60 and "。" not in text and _FURNITURE.search(text):
        return Kind.FURNITURE
    return None


def _is_prose(block: Block, is_inside: bool) -> bool:
    """Body text has a full stop, or is long, or is a section number within a body."""
    text = block.text
    if "。" in text or _LEAD.match(text) or len(text) > 90:
        return True
    if _SECTION.match(text):
        return True
    return is_inside and bool(re.search(r"[，；、：！？]", text[:-1])) and len(block.lines) > 1


def _with_continuations(found: list[Piece]) -> list[Piece]:
    """A block without a full stop that fills the column between two parts of a body is body.

    Columns end within a paragraph, often after its first lines. A headline is as wide as it
    likes; a torn paragraph has the column's width, its first line two characters less.
    """
    out = list(found)
    for here in range(1, len(out) - 1):
        before, piece, after = out[here - 1 : here + 2]
        if piece.kind is not Kind.HEAD or after.kind is not Kind.BODY:
            continue
        if before.kind is Kind.BODY and not opens_dated(after.block.text):
            widths = [ems(line.text) for line in piece.block.lines]
            if _fills(widths, after.block.width) or _fills(widths, before.block.width):
                out[here] = Piece(Kind.BODY, piece.block, piece.is_joined)
    return out


def _fills(widths: list[int], column: int) -> bool:
    """Whether lines of these widths fill a column, the first perhaps indented by two."""
    return column - 3 <= widths[0] <= column and all(
        column - 1 <= width <= column + 1 for width in widths[1:]
    )


def _with_neighbours(found: list[Piece]) -> list[Piece]:
    """An advertisement's name and slogans stand around its address: take them along.

    The title of the weather stands above it.
    """
    out = list(found)
    for here, (piece, after) in enumerate(pairwise(found)):
        if (
            after.kind is Kind.WEATHER
            and piece.kind is Kind.HEAD
            and _SKIES.match(piece.block.text)
        ):
            out[here] = Piece(Kind.WEATHER, piece.block, piece.is_joined)
    for here, piece in enumerate(found):
        if piece.kind is not Kind.AD:
            continue
        for step in (-1, 1):
            there = here + step
            while 0 <= there < len(out) and _is_of_ad(out[there]):
                out[there] = Piece(Kind.AD, out[there].block, out[there].is_joined)
                there += step
    return out


def _is_of_ad(piece: Piece) -> bool:
    text = piece.block.text
    if piece.kind is not Kind.HEAD or not has_han(text):
        return False
    return bool(_SLOGAN.search(text) or _FIRM.match(text) or _AD.search(text))
