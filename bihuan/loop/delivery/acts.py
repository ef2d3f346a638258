"""Setting up channel accounts: checked, recorded without secrets, secrets kept on this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.loop.delivery import vault
from bihuan.loop.delivery.entries import ChannelSetUp, ChannelTakenDown, Rate
from bihuan.loop.delivery.models import ChannelAccount
from bihuan.loop.providers import PROVIDERS, Provider
from bihuan.loop.providers.sender import is_allowed
from bihuan.register.entries import Actor

MOST_LINES, MOST_HOLD_S = 1_000, 3_600
WAKING = ("voice", "sms", "ding")
URLS = ("endpoint", "url")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}", re.ASCII)
_PURPOSE = re.compile(r"[a-z_]{1,16}", re.ASCII)
_SINCE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account as somebody wants it; see `ChannelSetUp`. channel "" = the provider's own."""

    account: str
    provider: str
    fields: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False, default_factory=dict)
    channel: str = ""
    rank: int = 0
    lines: int = 8
    hold_s: int = 0
    rates: tuple[Rate, ...] = ()
    wakes: bool = False
    language: Literal["zh", "en"] = "zh"
    params: tuple[str, ...] = ("what", "who", "place")
    templates: Mapping[str, str] = field(default_factory=dict)


def set_up(wanted: Wanted, by: Actor, clock: Clock) -> int:
    """Set an account up, or change it; its lane-0 position. A secret not given stays as it was.

    Raises BadInputError with every bad field.
    """
    provider = PROVIDERS.get(wanted.provider)
    if provider is None:
        raise bad("provider", wanted.provider, " or ".join(PROVIDERS))
    faults = [*_faults(wanted), *_field_faults(wanted, provider), *_limit_faults(wanted)]
    if faults:
        raise BadInputError(*faults)
    said = ChannelSetUp(
        account=wanted.account,
        provider=wanted.provider,
        channel=wanted.channel or provider.channels[0],
        fields={name: text for name, text in wanted.fields.items() if text},
        rank=wanted.rank,
        lines=wanted.lines,
        hold_s=wanted.hold_s,
        rates=list(wanted.rates),
        wakes=wanted.wakes,
        language=wanted.language,
        params=list(wanted.params),
        templates=dict(wanted.templates),
        by=by,
    )
    with Appender(FACTS_LANE, clock) as lane:
        vault.keep(wanted.account, wanted.secrets)
        vault.make_callback(wanted.account)
        return lane.append(said).position


def take_down(account: str, reason: str, by: Actor, clock: Clock) -> int:
    """Send no more by this account; what it took is still followed. Raises BadInputError."""
    if not reason.strip() or len(reason) > 200:
        raise bad("reason", f"{len(reason)} characters", "1 to 200")
    with Appender(FACTS_LANE, clock) as lane:
        row = lane.rows.get(ChannelAccount, account)
        if row is None or not row.is_active:
            raise bad("account", account, "an account that is set up")
        return lane.append(ChannelTakenDown(account=account, reason=reason, by=by)).position


def _faults(wanted: Wanted) -> Iterator[Fault]:
    provider = PROVIDERS[wanted.provider]
    channel = wanted.channel or provider.channels[0]
    if not _NAME.fullmatch(wanted.account):
        yield Fault("account", wanted.account[:40], "a lower-case word of up to 32 characters")
    if channel not in provider.channels:
        yield Fault("channel", channel, " or ".join(provider.channels))
    if wanted.wakes and channel not in WAKING:
        yield Fault("wakes", channel, f"a channel that can wake: {' or '.join(WAKING)}")
    for purpose, template in wanted.templates.items():
        if not _PURPOSE.fullmatch(purpose) or not template:
            yield Fault("templates", f"{purpose}={template}", "purpose=template")


def _field_faults(wanted: Wanted, provider: Provider) -> Iterator[Fault]:
    here = vault.names(wanted.account) | {name for name, text in wanted.secrets.items() if text}
    declared = {field.name: field for field in provider.fields}
    for name, one in declared.items():
        given = here if one.is_secret else {n for n, text in wanted.fields.items() if text}
        if one.is_required and name not in given:
            yield Fault(name, "nothing", one.want)
        if one.is_secret and name in wanted.fields:
            yield Fault(name, "•••", "a secret, which is not stored with the account")
    for name in {*wanted.fields, *wanted.secrets} - set(declared):
        yield Fault(name, "a value", f"a field of {provider.name}")
    for name in URLS:
        if wanted.fields.get(name) and not is_allowed(wanted.fields[name]):
            yield Fault(name, wanted.fields[name][:60], "https, or http on this machine")


def _limit_faults(wanted: Wanted) -> Iterator[Fault]:
    if not 1 <= wanted.lines <= MOST_LINES:
        yield Fault("lines", str(wanted.lines), f"1 to {MOST_LINES}")
    if not 0 <= wanted.hold_s <= MOST_HOLD_S:
        yield Fault("hold_s", str(wanted.hold_s), f"0 to {MOST_HOLD_S}")
    if not 0 <= wanted.rank <= 99:
        yield Fault("rank", str(wanted.rank), "0 to 99")
    for rate in wanted.rates:
        is_whole = rate.messages >= 1 and 1 <= rate.seconds <= 86_400
        if not is_whole or not rate.source or not _SINCE.fullmatch(rate.effective_from):
            got = f"{rate.messages} in {rate.seconds} s, {rate.source or 'no source'}"
            yield Fault("rates", got, "messages and seconds from 1, a source and a day")
