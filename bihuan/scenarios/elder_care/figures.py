"""指标 / Figures: answered in time, false alarms, visits, bands, places; each says its 口径."""

from __future__ import annotations

from typing import Final

from bihuan.figures.declared import (
    REAL,
    Cases,
    Count,
    Distinct,
    Figure,
    Percentile,
    Ratio,
    Records,
    Subjects,
    Sum,
    Where,
)

KNOWN: Final = (
    "通行做法 [K]，以本县自定的口径为准 /"
    " general practice [K]; the county's own definition replaces it"
)
SINCE: Final = "2026-01-01"
DUE: Final[Where] = (*REAL, ("clock_answer", "in", ("met", "missed")))
JUDGED: Final[Where] = (*REAL, ("outcome", "in", ("false_alarm", "confirmed")))

SOS_IN_TIME = Figure(
    name="sos_answered_in_time",
    title=("呼救按时应答率", "SOS answered in time"),
    unit=("%", "%"),
    definition=(
        "期内呼救事件中，首次应答时限内有人接手的占比；时限未到且无人接手的不计入，并入和作废的不计。",
        "Of SOS cases opened in the period, those taken within the first answer clock. Cases whose"
        " clock still runs are left out; merged and void ones never count.",
    ),
    version=1,
    source=KNOWN,
    effective_from=SINCE,
    over=Cases(("sos",)),
    measure=Ratio(part=(("clock_answer", "=", "met"),), whole=DUE),
    direction="higher",
    is_public=True,
    rank_level="town",
)
SOS_RESPONSE = Figure(
    name="sos_response_p90",
    title=("呼救应答时长（九成不超过）", "SOS answered within (nine of ten)"),
    unit=("分钟", "min"),
    definition=(
        "期内呼救事件从立事件到第一次有人接手的时长，由短到长第九成的一件；没有人接手的不计。",
        "From opening to the first taking, of SOS cases of the period: the time that nine of ten do"
        " not exceed. Cases that nobody took are left out.",
    ),
    version=1,
    source=KNOWN,
    effective_from=SINCE,
    over=Cases(("sos",)),
    measure=Percentile("response_s", 0.9, where=REAL),
    direction="lower",
    divide=60,
)
FALSE_ALARMS = Figure(
    name="false_alarm_share",
    title=("误报占比", "Share of false alarms"),
    unit=("%", "%"),
    definition=(
        "期内立的呼救和体征异常中，以误报关闭的占以误报关闭和家属确认办结之和的比例；其他结局不计。",
        "Of SOS and vital-sign cases of the period that ended as a false alarm or confirmed, those"
        " that ended as a false alarm. Other endings are in neither number.",
    ),
    version=1,
    source=KNOWN,
    effective_from=SINCE,
    over=Cases(("sos", "vitals")),
    measure=Ratio(part=(("outcome", "=", "false_alarm"),), whole=JUDGED),
    direction="lower",
)
CONFIRMED = Figure(
    name="confirmed_share",
    title=("家属确认办结率", "Confirmed by the family"),
    unit=("%", "%"),
    definition=(
        "期内立的呼救中，家属说解决了的占已办结的比例；误报不计，未回复办结计入分母、不算解决。",
        "Of SOS cases of the period that ended, those of which the family said solved. False alarms"
        " are left out; an end without a reply counts in the whole and is not solved.",
    ),
    version=1,
    source=KNOWN,
    effective_from=SINCE,
    over=Cases(("sos",)),
    measure=Ratio(
        part=(("outcome", "=", "confirmed"),),
        whole=(*REAL, ("outcome", "known", True), ("outcome", "!=", "false_alarm")),
    ),
    direction="higher",
)
BANDS_LOST = Figure(
    name="bands_lost",
    title=("手环失联事件", "Bands not heard from"),
    unit=("件", "cases"),
    definition=(
        "期内手环连续12小时没有消息而立的事件；没有数据不算正常。",
        "Cases opened in the period because a band was not heard from for twelve hours. No data is"
        " never counted as normal.",
    ),
    version=1,
    source=KNOWN,
    effective_from=SINCE,
    over=Cases(("band_lost",)),
    measure=Count(REAL),
    direction="lower",
    decimals=0,
)
BANDS = Figure(
    name="bands_in_use",
    title=("在用手环", "Bands in use"),
    unit=("只", "bands"),
    definition=(
        "期末状态为在用的手环发放记录；收回、遗失、损坏的不计。",
        "Issues of a band that stand as in use at the end of the period; taken back, lost or broken"
        " ones are left out.",
    ),
    version=1,
    source=(
        "县报 2022-08-02 [S]：5月起凭申请发放 /"
        " the county newspaper, 2022-08-02 [S]: issued on application since May"
    ),
    effective_from="2022-05-01",
    over=Records("issue"),
    measure=Count((("state", "=", "worn"),)),
    at=None,
    period="point",
    decimals=0,
)
BANDS_ISSUED = Figure(
    name="bands_issued",
    title=("已发放手环（本年累计）", "Bands issued this year so far"),
    unit=("只", "bands"),
    definition=(
        "当年1月1日起至期末领取的手环，按设备号去重；后来收回的仍计，同一只再发给别人不重复计。",
        "Bands handed over from 1 January to the end of the period, each device once: one that was"
        " taken back later still counts, and one that went on to somebody else counts once.",
    ),
    version=1,
    source=(
        "县报 2022-08-02 [S]：5月以来发放10多个 /"
        " the county newspaper, 2022-08-02 [S]: 10 or more issued from May on"
    ),
    effective_from="2022-05-01",
    over=Records("issue"),
    measure=Distinct("device"),
    at="handed",
    period="cumulative",
    decimals=0,
)
ALONE = Figure(
    name="elders_alone",
    title=("登记的独居老人", "Elders who live alone"),
    unit=("人", "persons"),
    definition=(
        "期末登记为独居的服务对象，按人去重。",
        "Elders on file at the end of the period as living alone, each person once.",
    ),
    version=1,
    source=KNOWN,
    effective_from=SINCE,
    over=Subjects("elder"),
    measure=Distinct("party_id", (("living", "=", "alone"),)),
    at=None,
    period="point",
    decimals=0,
)
VISITS = Figure(
    name="visits_met",
    title=("见到人的探访", "Visits that met the elder"),
    unit=("次", "visits"),
    definition=(
        "期内见到或通上话的探访次数；敲门没人、电话没接的不计。",
        "Visits of the period at which the elder was met or spoken to; a shut door or an unanswered"
        " phone is none.",
    ),
    version=1,
    source=KNOWN,
    effective_from=SINCE,
    over=Records("visit"),
    measure=Count((("met", "=", True),)),
    at="seen",
    direction="higher",
    decimals=0,
)
ATTENDED = Figure(
    name="place_visits",
    title=("养老服务点到场人次", "Visits to places"),
    unit=("人次", "visits"),
    definition=(
        "期内各养老服务点登记的人次之和；一人来两次算两次，不是人数。",
        "Visits entered for care centres, stations and tea-rooms in the period: who comes twice is"
        " counted twice. These are not persons.",
    ),
    version=1,
    source=KNOWN,
    effective_from=SINCE,
    over=Records("attendance"),
    measure=Sum("times"),
    at="on",
    direction="higher",
    decimals=0,
)
FIGURES = (
    SOS_IN_TIME,
    SOS_RESPONSE,
    FALSE_ALARMS,
    CONFIRMED,
    BANDS_LOST,
    BANDS,
    BANDS_ISSUED,
    ALONE,
    VISITS,
    ATTENDED,
)
