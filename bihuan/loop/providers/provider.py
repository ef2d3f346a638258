"""What every provider speaks in: an errand goes out as a request, a reply becomes an outcome.

Nothing here opens a connection. An outcome never says more than the provider said: `Taken` is
"the provider took it", and whether anybody was reached comes later, as reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from bihuan.base.errors import bad
from bihuan.loop.channels import Told
from bihuan.loop.entries import Fact

Reason = Literal[
    "wrong_address",  # no such number, user or mailbox, or one this account may not write to
    "blacklisted",  # the person or the carrier refuses messages of this sender
    "no_balance",
    "template",  # template or signature not approved, or its variables do not fit
    "content",  # forbidden words, too long, the same text again
    "credentials",  # key, permission or service of this account
    "outage",  # the provider was not reached: nothing was sent, it may be tried again
    "token",  # the access token is no longer valid: nothing was sent, a new one may be got
    "other",
]
_CODE = re.compile(r"[\w.:^=/+@<>-]{1,128}", re.ASCII)


class Secret:
    """A secret text that prints as dots; only `reveal()` shows it, where a request is signed."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(•••)"

    def __str__(self) -> str:
        return "•••"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a provider's configuration. want: what it must hold, in words for people."""

    name: str
    want: str
    is_secret: bool = False
    is_required: bool = True
    preset: str = ""


@dataclass(frozen=True, slots=True)
class Errand:
    """One message to one address. key: ours, unique per attempt, so that a receipt finds back.

    address  phone number, user id, open id or mailbox, as the provider wants it
    params   the variables of an approved template
    template approved template of this purpose, "" = the account's own
    glance   title and words for a locked screen, which anybody may read: nobody's name
    at_us    when the attempt was made, µs: providers drop the same text sent twice in a day
    nonce    random per attempt, for signatures
    """

    key: str
    address: str = field(repr=False)
    title: str = field(repr=False)
    text: str = field(repr=False)
    params: Mapping[str, str] = field(repr=False)
    at_us: int
    nonce: str
    template: str = ""
    glance: tuple[str, str] = field(default=("", ""), repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; headers and body may hold secrets and never print."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    body: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. headers: names in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """The provider took the message. reference: its id, by which receipts are matched."""

    reference: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Throttled:
    """Not sent: too much or too fast. retry_after_s: None where the provider does not say."""

    evidence: str
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Not sent, and sending the same again would be refused again."""

    reason: Reason
    evidence: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Whether it was sent cannot be told from what came back."""

    evidence: str


@dataclass(frozen=True, slots=True)
class Followed:
    """The message was watched to its end: everything that is known of it."""

    told: tuple[Told, ...]


Outcome = Taken | Throttled | Refused | Unclear | Followed


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider says later about the message with this reference. keys: pressed in a call."""

    reference: str
    told: tuple[Told, ...]
    keys: str = ""


@dataclass(frozen=True, slots=True)
class Replied:
    """A text that came back: from whom, what, and the provider's id of it."""

    sender: str = field(repr=False)
    text: str = field(repr=False)
    reference: str


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and how long it holds, seconds."""

    text: Secret
    for_s: int


class Adapter(Protocol):
    """A provider over HTTP, without the wire: builds requests and reads replies."""

    @property
    def name(self) -> str: ...

    @property
    def ring_s(self) -> int: ...

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret that a reply must not carry into the evidence."""
        ...

    def token_request(self) -> Request | None:
        """How to get an access token; None where requests are signed one by one."""
        ...

    def read_token(self, reply: Reply) -> Token | Throttled | Refused | Unclear: ...

    def request(self, errand: Errand, token: Secret) -> Request: ...

    def read(self, reply: Reply, errand: Errand) -> Outcome: ...


def told_of(outcome: Outcome) -> list[Told]:
    """An outcome as facts: `accepted` at most, `unknown` where it cannot be told."""
    match outcome:
        case Taken(reference=_, evidence=evidence):
            return [Told("accepted", evidence)]
        case Throttled(evidence=evidence, retry_after_s=after_s):
            wait = "" if after_s is None else f", again after {after_s} s"
            return [Told("failed", f"throttled: {evidence}{wait}")]
        case Refused(reason=reason, evidence=evidence):
            return [Told("failed", f"{reason}: {evidence}")]
        case Unclear(evidence=evidence):
            return [Told("unknown", evidence)]
        case Followed(told=told):
            return list(told)


def code(value: object) -> str:
    """A provider's code or id, fit for evidence: its texts may name people and are left out."""
    text = str(value).strip()
    return text if _CODE.fullmatch(text) else f"(unprintable, {len(text)} characters)"


def evidence(provider: str, **parts: object) -> str:
    """`aliyun_sms code=OK id=134523^4351232`: the provider's own codes and ids, nothing else."""
    said = [f"{name}={code(value)}" for name, value in parts.items() if value not in (None, "")]
    return " ".join([provider, *said])


def scrubbed(text: str, secrets: Iterable[Secret], address: str) -> str:
    """Evidence without what a provider might have echoed: secrets, and the address it went to."""
    for secret in secrets:
        if secret.reveal():
            text = text.replace(secret.reveal(), "•••")
    forms = {address, address.lstrip("+0"), address.removeprefix("+86")}
    for form in sorted(forms, key=len, reverse=True):
        if len(form) >= 5:
            text = text.replace(form, masked(form))
    return text


def masked(address: str) -> str:
    """An address that can be recognised by who knows it, and by nobody else: `138••••5678`."""
    if len(address) < 9:
        return "••••"
    return f"{address[:3]}••••{address[-2:] if '@' in address else address[-4:]}"


def reported(reference: object, *told: tuple[Fact, str]) -> Report:
    """A report of facts about one message; a callback that names no message is refused."""
    if not isinstance(reference, str | int) or isinstance(reference, bool) or reference == "":
        raise bad("reference", type(reference).__name__, "the id of a message")
    return Report(str(reference), tuple(Told(fact, because) for fact, because in told))


def phone_e164(number: str) -> str:
    """A number with its country: `+8613800001111`; mainland numbers may come without.

    Raises BadInputError, which masks the number.
    """
    abroad = re.fullmatch(r"(?:\+|00)([1-9][0-9]{6,14})", number)
    if abroad is not None:
        return f"+{abroad[1]}"
    if re.fullmatch(r"1[0-9]{10}", number):
        return f"+86{number}"
    if re.fullmatch(r"0[1-9][0-9]{8,10}", number):  # a landline with its area code
        return f"+86{number[1:]}"
    raise bad("phone", masked(number), "a mainland number with area code, or +country number")


def phone_local(number: str) -> str:
    """A number as mainland services write it: `13800001111`, `057312345678`, `85290001111`.

    Raises BadInputError, which masks the number.
    """
    digits = phone_e164(number).removeprefix("+")
    if not digits.startswith("86"):
        return digits
    rest = digits.removeprefix("86")
    return rest if rest.startswith("1") and len(rest) == 11 else f"0{rest}"
