"""What the services of Tencent Cloud have in common: signed actions, `Response`, its `Error`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bihuan.loop.providers.provider import Outcome, Refused, Reply, Secret, Unclear, evidence
from bihuan.loop.providers.reading import Codes, Fields, read_json
from bihuan.loop.providers.signed import NoToken
from bihuan.loop.providers.tencent_signature import TencentKey

THROTTLES = frozenset(
    {
        "RequestLimitExceeded",
        "RequestLimitExceeded.IPLimitExceeded",
        "RequestLimitExceeded.UinLimitExceeded",
        "RequestLimitExceeded.GlobalRegionUinLimitExceeded",
        "LimitExceeded",
        "LimitExceeded.DeliveryFrequencyLimit",
        "LimitExceeded.AppDailyLimit",
        "LimitExceeded.PhoneNumberThirtySecondLimit",
        "LimitExceeded.PhoneNumberOneHourLimit",
        "LimitExceeded.PhoneNumberDailyLimit",
        "LimitExceeded.PhoneNumberSameContentDailyLimit",
    }
)


@dataclass(frozen=True, slots=True)
class TencentAdapter(NoToken):
    """An adapter whose requests are signed with a secret key, for one application."""

    key: TencentKey
    app_id: str

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.key.secret_id, self.key.secret_key)


def read_response(
    provider: str, reply: Reply, codes: Codes, read: Callable[[Fields], Outcome]
) -> Outcome:
    """Read `Response`; its `Error` says that the whole request failed."""

    def read_fields(fields: Fields) -> Outcome:
        answer = fields.get("Response")
        if not isinstance(answer, dict):
            return Unclear(f"{provider}: no Response")
        return _error(provider, answer, codes) if "Error" in answer else read(answer)

    return read_json(provider, reply, read_fields)


def _error(provider: str, answer: Fields, codes: Codes) -> Outcome:
    """AuthFailure.* is always about our key."""
    error = answer["Error"]
    got = error.get("Code") if isinstance(error, dict) else None
    if not isinstance(got, str):
        return Unclear(f"{provider}: Error without a Code")
    if got.startswith("AuthFailure"):
        return Refused("credentials", evidence(provider, code=got))
    return codes.failure(provider, got)
