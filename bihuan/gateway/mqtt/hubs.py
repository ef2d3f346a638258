"""The hubs by the names of their systems."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bihuan.gateway.mqtt import (
    chirpstack,
    esphome,
    homeassistant,
    shelly,
    sparkplug,
    tasmota,
    thingsboard,
    zigbee2mqtt,
)
from bihuan.gateway.mqtt.heard import Hub
from bihuan.gateway.mqtt.mapping import Settings

HUBS: Mapping[str, Callable[[Settings], Hub]] = {
    zigbee2mqtt.NAME: zigbee2mqtt.Zigbee2Mqtt,
    tasmota.NAME: tasmota.Tasmota,
    chirpstack.NAME: chirpstack.ChirpStack,
    shelly.NAME: shelly.Shelly,
    esphome.NAME: esphome.EspHome,
    thingsboard.NAME: thingsboard.ThingsBoard,
    homeassistant.NAME: homeassistant.HomeAssistant,
    sparkplug.NAME: sparkplug.Sparkplug,
}
