"""A provider as a channel of the loop: looks up the address, sends once, tells facts."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from bihuan.base.errors import BadInputError
from bihuan.loop.channels import Message, Told
from bihuan.loop.providers.provider import (
    Errand,
    Outcome,
    Reason,
    Refused,
    Secret,
    Taken,
    scrubbed,
    told_of,
)

# field that was refused before sending -> why; another field is a matter of configuration
REASONS: dict[str, Reason] = {
    "phone": "wrong_address",
    "mailbox": "wrong_address",
    "text": "content",
}
log = structlog.get_logger(__name__)


class Carrier(Protocol):
    """What takes an errand to a provider: over HTTP, SMTP or a modem."""

    @property
    def name(self) -> str: ...

    @property
    def ring_s(self) -> int: ...

    @property
    def secrets(self) -> tuple[Secret, ...]: ...

    def carry(self, errand: Errand) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as this channel needs it: where it goes and what it says. Never prints."""

    address: str = field(repr=False)
    title: str = field(repr=False)
    text: str = field(repr=False)
    params: Mapping[str, str] = field(repr=False, default_factory=dict)


# None: this person has no address for the channel
LookUp = Callable[[Message], Letter | None]
# keeps (delivery id, channel, reference), so that a later receipt finds its delivery
Remember = Callable[[int, str, str], None]


class ProviderChannel:
    """A `Channel` over one carrier."""

    def __init__(self, carrier: Carrier, look_up: LookUp, remember: Remember) -> None:
        self.name, self.ring_s = carrier.name, carrier.ring_s
        self._carrier, self._look_up, self._remember = carrier, look_up, remember

    def send(self, message: Message, now_us: int) -> list[Told]:
        """Send once; what is known of it now."""
        letter = self._look_up(message)
        if letter is None:
            return [Told("failed", f"wrong_address: no address for {self.name}")]
        outcome = self._carry(_errand(message, letter, now_us))
        fate = type(outcome).__name__.lower()
        log.info("sent", channel=self.name, delivery=message.delivery_id, fate=fate)
        if isinstance(outcome, Taken):
            self._remember(message.delivery_id, self.name, outcome.reference)
        return [
            Told(one.fact, scrubbed(one.evidence, self._carrier.secrets, letter.address))
            for one in told_of(outcome)
        ]

    def _carry(self, errand: Errand) -> Outcome:
        try:
            return self._carrier.carry(errand)
        except BadInputError as error:  # raised before anything is sent
            reason = REASONS.get(error.faults[0].field, "other")
            return Refused(reason, f"{self.name}: {error}")


def _errand(message: Message, letter: Letter, now_us: int) -> Errand:
    return Errand(
        key=f"bh{message.delivery_id}",
        address=letter.address,
        title=letter.title,
        text=letter.text,
        params=letter.params,
        at_us=now_us,
        nonce=secrets.token_hex(16),
    )
