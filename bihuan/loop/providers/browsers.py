"""Web Push to every browser of one person: one message, several addresses.

The address is a JSON list of subscriptions, or one subscription alone. What one push service takes
is the message's fate: a browser that is gone beside one that is there is no failure, and what
was taken once is never sent again for the sake of another.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from bihuan.loop.channels import Told
from bihuan.loop.providers.carrier import Asked, Carrier
from bihuan.loop.providers.provider import Errand, Outcome, Secret, Taken, Throttled, Unclear

MOST: Final = 5  # browsers of one person; the one turned on longest ago makes room


def addresses_of(address: str) -> list[str]:
    """Each browser's subscription as JSON, the one turned on last at the end."""
    try:
        found = json.loads(address)
    except ValueError:
        return [address]
    return [json.dumps(one) for one in found] if isinstance(found, list) else [address]


class Browsers:
    """Carries one errand to each browser in turn."""

    def __init__(self, one: Carrier) -> None:
        self.name, self.ring_s, self._one = one.name, one.ring_s, one

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return self._one.secrets

    def carry(self, errand: Errand) -> Outcome:
        """Send to every browser once. Raises BadInputError where an address can be none."""
        outcomes = [
            self._one.carry(replace(errand, address=address))
            for address in addresses_of(errand.address)
        ]
        for kind in (Taken, Unclear, Throttled):  # unclear: it may be there, so never again
            for outcome in outcomes:
                if isinstance(outcome, kind):
                    return outcome
        return outcomes[-1]

    def look_up(self, asked: Asked) -> list[Told]:
        """Push services tell nothing afterwards."""
        return []
