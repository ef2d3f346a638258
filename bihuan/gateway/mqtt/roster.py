"""The devices a hub has heard of: bounded, so that a flood of made-up names costs nothing."""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.gateway.mqtt.mapping import Settings

MAX_NAME = 200


class Roster:
    """Admits devices until it is full; those the operator named are always admitted."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: set[str] = set()

    def __len__(self) -> int:
        return len(self._known)

    def admit(self, device: str) -> str:
        """The device's name; raises BadInputError for one that cannot be held."""
        if device in self._known or device in self._settings.devices:
            return device
        if not device or len(device) > MAX_NAME or not device.isprintable():
            raise bad("device", ascii(device), f"a printable name of 1 to {MAX_NAME} characters")
        most = self._settings.most_devices
        if len(self._known) >= most:
            raise bad("device", device, f"one of the {most} devices that are held already")
        self._known.add(device)
        return device
