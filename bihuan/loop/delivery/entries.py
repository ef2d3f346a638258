"""What lane 0 says about channel accounts and the way of each message."""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type
from bihuan.loop.entries import Fact
from bihuan.register.entries import Actor

Because = Literal["throttled", "outage", "refused", "held"]


class Rate(Payload, frozen=True, kw_only=True):
    """At most `messages` in any `seconds`: whose figure it is, since when, where it holds."""

    messages: int
    seconds: int
    source: str
    effective_from: str
    region: str


@entry_type("channel.set_up.v1")
class ChannelSetUp(Payload, frozen=True, kw_only=True):
    """An account of a provider as it is from now on; its secrets stand in a local table.

    channel    what people are reached by: sms, voice, dingtalk …
    rank       the account of a channel with the lowest rank goes first
    lines      how many messages (calls) may be under way at once
    hold_s     how long a call holds its line where its end is not told; 0 = it holds none
    wakes      whether it wakes a sleeping person
    params     variables of the template, in its order
    templates  purpose -> approved template, where it is not the account's own
    """

    account: str
    provider: str
    channel: str
    fields: dict[str, str]
    rank: int
    lines: int
    hold_s: int
    rates: list[Rate]
    wakes: bool
    language: Literal["zh", "en"]
    params: list[str]
    templates: dict[str, str]
    by: Actor


@entry_type("channel.taken_down.v1")
class ChannelTakenDown(Payload, frozen=True, kw_only=True):
    account: str
    reason: str
    by: Actor


@entry_type("delivery.referred.v1")
class DeliveryReferred(Payload, frozen=True, kw_only=True):
    """The provider's own id of a message, by which its receipts are matched."""

    case_id: int
    delivery_id: int
    account: str
    reference: str


@entry_type("delivery.put_back.v1")
class DeliveryPutBack(Payload, frozen=True, kw_only=True):
    """It did not leave and waits again; no attempt of its own is counted as failed.

    because   throttled: too much or too fast. outage: the provider was not reached. refused: this
              account cannot send it, another may. held: no account can send now, so none tried.
    """

    case_id: int
    delivery_id: int
    account: str
    because: Because
    evidence: str
    not_before_us: int


@entry_type("delivery.superseded.v1")
class DeliverySuperseded(Payload, frozen=True, kw_only=True):
    """A newer message says the same to the same person: the older one is not sent any more."""

    case_id: int
    delivery_id: int
    by_delivery_id: int


@entry_type("delivery.dropped.v1")
class DeliveryDropped(Payload, frozen=True, kw_only=True):
    """What it says no longer stands, so it does not leave."""

    case_id: int
    delivery_id: int
    why: str


class ToldFact(Payload, frozen=True, kw_only=True):
    fact: Fact
    evidence: str


@entry_type("callback.refused.v1")
class CallbackRefused(Payload, frozen=True, kw_only=True):
    """What a provider told of a message that is not known here (yet), or that could not be read.

    Told before we had recorded the message's reference, it is taken up when that comes.
    """

    account: str
    reference: str
    reason: str
    facts: list[ToldFact]
