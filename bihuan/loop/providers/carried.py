"""One errand handed to a carrier: whatever happens is an outcome, and none carries a secret."""

from __future__ import annotations

from dataclasses import replace

from bihuan.base.errors import BadInputError
from bihuan.loop.channels import Told
from bihuan.loop.providers.carrier import Carrier
from bihuan.loop.providers.provider import (
    Errand,
    Followed,
    Outcome,
    Reason,
    Refused,
    Unclear,
    scrubbed,
)

# field that was refused before sending -> why; another field is a matter of configuration
REASONS: dict[str, Reason] = {
    "phone": "wrong_address",
    "mailbox": "wrong_address",
    "text": "content",
}


def carried(carrier: Carrier, errand: Errand) -> Outcome:
    """Send once. Never raises: what broke on the way leaves the outcome unclear."""
    try:
        outcome = carrier.carry(errand)
    except BadInputError as error:  # raised before anything is sent
        reason = REASONS.get(error.faults[0].field, "other")
        outcome = Refused(reason, f"{carrier.name}: {error}")
    except Exception as error:  # noqa: BLE001 - the process edge: a carrier's failure is a fact about the message
        outcome = Unclear(f"{carrier.name}: {type(error).__name__}")
    if isinstance(outcome, Followed):
        return Followed(clean(carrier, errand.address, outcome.told))
    return replace(outcome, evidence=scrubbed(outcome.evidence, carrier.secrets, errand.address))


def clean(carrier: Carrier, address: str, told: tuple[Told, ...]) -> tuple[Told, ...]:
    """Facts whose evidence holds neither secrets nor the address."""
    return tuple(Told(t.fact, scrubbed(t.evidence, carrier.secrets, address)) for t in told)
