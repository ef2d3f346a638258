"""What came of an attempt, as entries: taken, put back, handed to another account, or failed."""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.base.time import SECOND_US
from bihuan.journal.append import Appender
from bihuan.loop.channels import Told
from bihuan.loop.delivery import entries
from bihuan.loop.delivery.accounts import Account
from bihuan.loop.delivery.facts import append_told, refer
from bihuan.loop.delivery.models import Sending
from bihuan.loop.delivery.pauses import Pauses
from bihuan.loop.models import Delivery
from bihuan.loop.providers.provider import (
    Followed,
    Outcome,
    Reason,
    Refused,
    Taken,
    Throttled,
    Unclear,
    told_of,
)

MOST_THROTTLES = 20
FIRST_WAIT_S, LONGEST_WAIT_S = 10, 120
FOR_GOOD: frozenset[Reason] = frozenset({"wrong_address"})  # another account cannot help
OF_THE_ACCOUNT: frozenset[Reason] = frozenset({"no_balance", "credentials", "token"})


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt: which message, by which account, and which others there are."""

    delivery: Delivery
    account: Account
    others: tuple[str, ...]


def tell(lane: Appender, tried: Tried, outcome: Outcome, pauses: Pauses) -> None:
    """Append what an outcome says, and pause the account where it asks for that."""
    name, now_us = tried.account.name, lane.now_us
    if not isinstance(outcome, Unclear) and not _is_outage(outcome):
        pauses.answered(name)
    match outcome:
        case Taken(reference=reference):
            append_told(lane, tried.delivery, told_of(outcome))
            refer(lane, tried.delivery, name, reference)
        case Throttled():
            _throttled(lane, tried, outcome, pauses)
        case Refused():
            _refused(lane, tried, outcome, pauses)
        case Unclear():
            pauses.lost(name, now_us)
            append_told(lane, tried.delivery, told_of(outcome))
        case Followed():
            append_told(lane, tried.delivery, told_of(outcome))


def _is_outage(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.reason == "outage"


def _throttled(lane: Appender, tried: Tried, outcome: Throttled, pauses: Pauses) -> None:
    """Not a failed attempt: it waits, or goes by another account at once. Bounded all the same."""
    sending = lane.rows.get(Sending, tried.delivery.id)
    throttles = sending.throttles if sending is not None else 0
    if throttles >= MOST_THROTTLES:
        append_told(lane, tried.delivery, told_of(outcome))
        return
    wait_s = min(FIRST_WAIT_S * 2 ** min(throttles, 10), LONGEST_WAIT_S)
    if outcome.retry_after_s is not None:  # said of the account, not of one number
        wait_s = max(outcome.retry_after_s, 1)
        pauses.troubled(tried.account.name, lane.now_us, wait_s)
    until_us = lane.now_us + wait_s * SECOND_US
    pauses.rest(tried.delivery.id, tried.account.name, until_us, lane.now_us)
    is_next = _next(tried, pauses, lane) is not None
    _put_back(lane, tried, "throttled", outcome.evidence, lane.now_us if is_next else until_us)


def _refused(lane: Appender, tried: Tried, outcome: Refused, pauses: Pauses) -> None:
    name, now_us = tried.account.name, lane.now_us
    if outcome.reason == "outage":
        until_us = pauses.not_reached(name, now_us)
        is_next = _next(tried, pauses, lane) is not None
        _put_back(lane, tried, "outage", outcome.evidence, now_us if is_next else until_us)
    elif outcome.reason in FOR_GOOD or not _untried(tried, lane):
        append_told(lane, tried.delivery, told_of(outcome))
    else:
        if outcome.reason in OF_THE_ACCOUNT:
            pauses.troubled(name, now_us)
        said = f"{outcome.reason}: {outcome.evidence}"
        _put_back(lane, tried, "refused", said, now_us)


def _untried(tried: Tried, lane: Appender) -> list[str]:
    """Other accounts of the channel that have not refused this message."""
    sending = lane.rows.get(Sending, tried.delivery.id)
    before = sending.tried if sending is not None else ","
    return [name for name in tried.others if f",{name}," not in before]


def _next(tried: Tried, pauses: Pauses, lane: Appender) -> str | None:
    """The account by which it can go at once."""
    for name in _untried(tried, lane):
        is_resting = pauses.is_resting(tried.delivery.id, name, lane.now_us)
        if pauses.until_us(name, lane.now_us) is None and not is_resting:
            return name
    return None


def _put_back(
    lane: Appender, tried: Tried, because: entries.Because, evidence: str, not_before_us: int
) -> None:
    lane.append(
        entries.DeliveryPutBack(
            case_id=tried.delivery.case_id,
            delivery_id=tried.delivery.id,
            account=tried.account.name,
            because=because,
            evidence=evidence[:255],
            not_before_us=not_before_us,
        )
    )


def hold(lane: Appender, delivery: Delivery, why: str, until_us: int) -> None:
    """Say of a message that no account can send it now: it stays queued."""
    lane.append(
        entries.DeliveryPutBack(
            case_id=delivery.case_id,
            delivery_id=delivery.id,
            account="",
            because="held",
            evidence=why,
            not_before_us=until_us,
        )
    )


def fail(lane: Appender, delivery: Delivery, why: str) -> None:
    """Say why a message will not be sent."""
    append_told(lane, delivery, [Told("failed", why)])


def drop(lane: Appender, delivery: Delivery, why: str) -> None:
    """Say of a queued message that it no longer stands: it stays here."""
    lane.append(entries.DeliveryDropped(case_id=delivery.case_id, delivery_id=delivery.id, why=why))
