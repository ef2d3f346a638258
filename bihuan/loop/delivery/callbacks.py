"""What providers push: receipts, pressed keys, texts that come back. Each becomes facts, once.

An account's address for pushes holds a part that nobody can guess; where the provider signs, the
signature is checked besides. A push that comes again changes nothing. One about a message that is
not known is kept as refused, and taken up if the message's reference comes after it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec
import structlog

from bihuan.base.errors import BadInputError
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop import answer
from bihuan.loop.channels import Told
from bihuan.loop.delivery import entries, vault
from bihuan.loop.delivery.facts import append_told
from bihuan.loop.delivery.models import ChannelAccount, Reference
from bihuan.loop.delivery.projectors import key_of
from bihuan.loop.delivery.registry import Carriers
from bihuan.loop.delivery.replies import take_reply
from bihuan.loop.models import Delivery
from bihuan.loop.providers import aliyun_sms, tencent_sms, wechat
from bihuan.loop.providers.aliyun_voice import AliyunVoice
from bihuan.loop.providers.carrier import HttpCarrier
from bihuan.loop.providers.provider import Adapter, Replied, Report
from bihuan.loop.providers.tencent_voice import TencentVoice
from bihuan.loop.providers.webhook import Webhook
from bihuan.loop.providers.wechat import WeChatTemplate

MOST_BYTES = 1 << 20
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Push:
    """A request to an account's address. headers: names in lower case."""

    account: str
    token: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider is answered; other than 200, most push again later."""

    status: int
    body: str = ""
    media_type: str = "application/json"


class _NotSignedError(Exception):
    """Not from the provider: nothing of it is kept."""


Reader = Callable[[Adapter, Push, int], list[Report | Replied]]


def receive(push: Push, clock: Clock, keys: KeyRing) -> Answer:
    """Take a push in; the answer that its provider wants.

    404 a wrong address, 403 a wrong signature, 400 what cannot be read (kept as refused), 503
    while a case waits for a mended projector (raised as ParkedError): the provider pushes again.
    """
    made = _adapter(push)
    if made is None:
        return Answer(404)
    provider, adapter = made
    if len(push.body) > MOST_BYTES:
        return Answer(413)
    if provider == wechat.NAME and "echostr" in push.query:  # how the address is proved
        return _proved(adapter, push)
    try:
        found = _READERS[provider](adapter, push, clock.now_us())
    except _NotSignedError:
        log.warning("push not signed", account=push.account)
        return Answer(403)
    except BadInputError as error:
        _keep_refused(push, str(error), clock)
        return Answer(400)
    for one in found:
        if isinstance(one, Report):
            take_report(push.account, one, clock, keys)
        else:
            take_reply(push.account, one, clock, keys)
    return _OK[provider]


def take_report(account: str, report: Report, clock: Clock, keys: KeyRing) -> bool:
    """Append what a provider says of a message; whether the message is known."""
    told = report.told
    with Appender(FACTS_LANE, clock) as lane:
        known = lane.rows.get(Reference, key_of(account, report.reference))
        delivery = lane.rows.get(Delivery, known.delivery_id) if known is not None else None
        if delivery is None:
            _refuse(lane, account, report)
            return False
        if delivery.purpose in answer.CALLS and report.keys.endswith(answer.NO):
            told = tuple(
                Told("declined" if t.fact == "answered" else t.fact, t.evidence) for t in told
            )
        append_told(lane, delivery, told)
    digit = answer.YES if any(t.fact == "confirmed" for t in told) else report.keys[-1:]
    answer.by_digit(delivery, digit, "voice", clock, keys)
    return True


def _refuse(lane: Appender, account: str, report: Report) -> None:
    facts = [entries.ToldFact(fact=t.fact, evidence=t.evidence) for t in report.told]
    body = msgspec.json.encode([account, report.reference, facts])
    idem = b"refused:" + hashlib.sha256(body).digest()
    if lane.last_with(idem) is None:
        said = entries.CallbackRefused(
            account=account,
            reference=report.reference[:200],
            reason="no message with this reference",
            facts=facts,
        )
        lane.append(said, idem=idem)


def _keep_refused(push: Push, reason: str, clock: Clock) -> None:
    digest = hashlib.sha256(push.body).hexdigest()
    idem = f"unreadable:{push.account}:{digest}".encode()
    with Appender(FACTS_LANE, clock) as lane:
        if lane.last_with(idem) is None:
            said = entries.CallbackRefused(
                account=push.account,
                reference="",
                reason=f"{reason}; SHA-256 {digest[:16]}",
                facts=[],
            )
            lane.append(said, idem=idem)


def _adapter(push: Push) -> tuple[str, Adapter] | None:
    """The provider and adapter behind an address; None where there is no such address."""
    row = Rows(MAIN).get(ChannelAccount, push.account)  # one taken down still gets its receipts
    if row is None or row.provider not in _READERS:
        return None
    secrets = vault.kept(row.id)
    token = secrets.pop(vault.CALLBACK, None)
    if token is None or not hmac.compare_digest(token.reveal().encode(), push.token.encode()):
        return None
    setup = msgspec.json.decode(row.setup, type=entries.ChannelSetUp)
    carrier = Carriers().make(setup.provider, setup.channel, setup.fields, secrets)
    assert isinstance(carrier, HttpCarrier)
    return row.provider, carrier.adapter


def _proved(adapter: Adapter, push: Push) -> Answer:
    if not _is_wechat(adapter, push):
        return Answer(403)
    return Answer(200, push.query["echostr"][:128], "text/plain")


def _is_wechat(adapter: Adapter, push: Push) -> bool:
    assert isinstance(adapter, WeChatTemplate)
    parts = (push.query.get(name, "") for name in ("signature", "timestamp", "nonce"))
    return adapter.is_from_wechat(*parts)


def _wechat(adapter: Adapter, push: Push, now_us: int) -> list[Report | Replied]:
    if not _is_wechat(adapter, push):
        raise _NotSignedError
    report = wechat.read_event(push.body)
    return [] if report is None else [report]


def _webhook(adapter: Adapter, push: Push, now_us: int) -> list[Report | Replied]:
    assert isinstance(adapter, Webhook)
    if not adapter.is_signed(push.headers, push.body, now_us):
        raise _NotSignedError
    return [adapter.read_signed(push.body)]


def _aliyun_voice(adapter: Adapter, push: Push, now_us: int) -> list[Report | Replied]:
    assert isinstance(adapter, AliyunVoice)
    return [*adapter.read_receipts(push.body)]


def _tencent_voice(adapter: Adapter, push: Push, now_us: int) -> list[Report | Replied]:
    assert isinstance(adapter, TencentVoice)
    return [adapter.read_callback(push.body)]


_READERS: dict[str, Reader] = {
    aliyun_sms.NAME: lambda _adapter, push, _now_us: aliyun_sms.read_pushes(push.body),
    tencent_sms.NAME: lambda _adapter, push, _now_us: tencent_sms.read_pushes(push.body),
    "aliyun_voice": _aliyun_voice,
    "tencent_voice": _tencent_voice,
    "webhook": _webhook,
    wechat.NAME: _wechat,
}
_ALIYUN, _TENCENT = (
    Answer(200, '{"code": 0, "msg": "接收成功"}'),
    Answer(200, '{"result": 0, "errmsg": "OK"}'),
)
_OK: dict[str, Answer] = {
    aliyun_sms.NAME: _ALIYUN,
    "aliyun_voice": _ALIYUN,
    tencent_sms.NAME: _TENCENT,
    "tencent_voice": _TENCENT,
    "webhook": Answer(200, '{"state": "accepted"}'),
    wechat.NAME: Answer(200, "success", "text/plain"),
}
