"""Why a finding was opened, in whole sentences and as numbers."""

from __future__ import annotations

import math

from bihuan.base.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US, rfc3339
from bihuan.rules.kinds import Parameters

SENTENCES = {
    "beyond": (
        "{measure}{unit} 越过限值 {limit}{unit}（{side_zh}），自 {since} 起持续不少于 {for}",
        "{measure}{unit} is {side} the limit {limit}{unit}, and has been for at least {for} "
        "since {since}",
    ),
    "silence": (
        "自 {heard} 起无读数，超过 {for}",
        "nothing heard since {heard}, longer than {for}",
    ),
    "change": (
        "{within} 内变化 {measure}{unit}，达到 {by}{unit}",
        "changed by {measure}{unit} within {within}, and {by}{unit} is enough",
    ),
    "rise": (
        "{within} 内上升 {measure}{unit}，达到 {by}{unit}",
        "up by {measure}{unit} within {within}, and {by}{unit} is enough",
    ),
    "fall": (
        "{within} 内下降 {measure}{unit}，达到 {by}{unit}",
        "down by {measure}{unit} within {within}, and {by}{unit} is enough",
    ),
    "outside": (
        "自 {since} 起在区域外，连续不少于 {fixes} 个定位、不少于 {for}",
        "outside the area since {since}, for at least {fixes} fixes in a row and {for}",
    ),
    "baseline": (
        "偏离自身前 {history} 中位数 {measure} 倍离差，超过 {k} 倍，"
        "自 {since} 起连续不少于 {fixes} 次",
        "{measure} scaled median deviations off its own median of the last {history}, "
        "more than {k}, for at least {fixes} readings in a row since {since}",
    ),
    "renewed": (
        "偏离自身 {history} 中位数（每 {every} 取一次）{measure} 倍离差，超过 {k} 倍，"
        "自 {since} 起连续不少于 {fixes} 次",
        "{measure} scaled median deviations off its own median of {history}, taken every "
        "{every}, more than {k}, for at least {fixes} readings in a row since {since}",
    ),
    "exposure": (
        "{within} 内在 {low} 与 {high}{unit} 之间累计 {measured}，达到 {for}",
        "between {low} and {high}{unit} for {measured} in all within {within}, and {for} is enough",
    ),
    "count": (
        "{within} 内 {measure} 次越过 {limit}{unit}（{side_zh}），达到 {times} 次",
        "{measure} readings {side} {limit}{unit} within {within}, and {times} are enough",
    ),
    "total": (
        "{within} 内累计 {measure}{unit}，达到 {limit}{unit}",
        "{measure}{unit} in all within {within}, and {limit}{unit} is enough",
    ),
    "spread": (
        "{within} 内累计 {measure}{unit}，达到 {limit}{unit}；中断超过 {outage} 的，"
        "恢复时报来的量在中断期间均摊",
        "{measure}{unit} in all within {within}, and {limit}{unit} is enough; what is told after "
        "more than {outage} without a reading is spread over that time",
    ),
    "cooling": (
        "自 {since} 起降温过慢，现为 {measure}{unit}：应在 {first} 内由 {hot} 降到 {middle}{unit}，"
        "再在 {second} 内降到 {cold}{unit}",
        "cooling too slowly since {since}, now {measure}{unit}: from {hot} to {middle}{unit} may "
        "take {first}, and on to {cold}{unit} another {second}",
    ),
    "rate": (
        "{within} 内增量与 {other} 增量之比为 {measure}，越过 {limit}（{side_zh}）",
        "{measure} for each 1 of {other} within {within}, {side} {limit}",
    ),
    "without": (
        "自 {since} 起 {within} 内没有 {other} 的应有读数（{other_side_zh} {other_limit}）",
        "no {other} {other_side} {other_limit} within {within} of {since}",
    ),
    "points": (
        "该项预警分 {measure} 分，达到 {points} 分，自 {since} 起；只计一项，不是 NEWS2 总分",
        "{measure} points for this sign since {since}, and {points} are enough; "
        "one sign only, not a NEWS2 total",
    ),
}
WAITS = {"silence": "for", "without": "within"}  # found so long after what they began with
SIDES_ZH = {"above": "高于", "below": "低于"}
LENGTHS = ("for", "within", "history", "every", "first", "second", "outage")
# kinds that a parameter makes another rule, which has its own sentence
OTHERS = {"baseline": ("every", "renewed"), "total": ("outage", "spread")}


def why(
    kind: str, parameters: Parameters, unit: str, since_us: int, measure: float
) -> dict[str, object]:
    """Value, limit and since when, with the sentence in zh and en.

    `measure` is what opened the finding: the value, the range, the distance from the baseline,
    or µs of exposure; of silence and positions there is none.
    """
    words: dict[str, object] = {
        name: shown_length(int(value)) if name in LENGTHS else _shown(value)
        for name, value in parameters.items()
        if isinstance(value, int | float | str)
    }
    words |= {"unit": f" {unit}" if unit else "", "since": rfc3339(since_us)}
    for side in ("side", "other_side"):
        words[f"{side}_zh"] = SIDES_ZH.get(str(parameters.get(side)), "")
    numbers: dict[str, object] = {"kind": kind, "since": rfc3339(since_us)}
    if kind == "exposure":
        words["measured"] = shown_length(int(measure))
        numbers["exposed_s"] = measure / SECOND_US
    elif kind in WAITS:
        began_us = since_us - int(_number(parameters, WAITS[kind]))
        words["heard"] = words["since"] = numbers["since"] = rfc3339(began_us)
    elif kind != "outside":
        measure = abs(measure) if kind == "rate" else measure  # too small a rate is kept below 0
        words["measure"] = _shown(measure)
        numbers["measure"] = measure if math.isfinite(measure) else None
    numbers |= {name: words[name] for name in parameters if name in words}
    name, other = OTHERS.get(kind, ("", kind))
    way = str(parameters.get("way"))  # rise and fall have their own sentence
    zh, en = SENTENCES[way if way in SENTENCES else other if parameters.get(name) else kind]
    return {"zh": zh.format(**words), "en": en.format(**words), **numbers}


def shown_length(length_us: int) -> str:
    """A duration as people write it: `90s`, `2h`, `1h30m`, `0`."""
    parts = []
    for unit, size_us in (("d", DAY_US), ("h", HOUR_US), ("m", MINUTE_US), ("s", SECOND_US)):
        count, length_us = divmod(length_us, size_us)
        if count:
            parts.append(f"{count}{unit}")
    if length_us:
        parts.append(f"{length_us}us")
    return "".join(parts) or "0"


def _shown(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _number(parameters: Parameters, name: str) -> float:
    value = parameters[name]
    if not isinstance(value, int | float):
        raise TypeError(f"{name} is not a number")
    return value
