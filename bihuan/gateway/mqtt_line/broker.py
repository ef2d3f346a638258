"""The demo's own broker, in process: every device with a token of its own, kept to its topics.

For demos and trials on one machine. In production a broker stands by itself (docs/mqtt.md): this
one keeps no queue over a restart, and ends a session for whoever names its client id.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from amqtt.broker import Broker
from amqtt.contexts import Action, BaseContext
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

from bihuan.gateway.credentials import Credentials
from bihuan.gateway.mqtt_line.route import matches

GATEWAY = ("mqtt", "gateway")
# what a device may publish, by its system; `{}` is its number
TOPICS = {
    "zigbee2mqtt": ("zigbee2mqtt/{}", "zigbee2mqtt/{}/availability"),
    "tasmota": ("tele/{}/+", "stat/{}/+"),
    "thingsboard": ("{}/v1/devices/me/+",),
    "esphome": ("{}/+/+/state", "{}/status"),
    "shelly": ("{}/events/rpc", "{}/status/+", "{}/online"),
    "chirpstack": ("application/+/device/{}/event/+",),
}


def broker(host: str, port: int, data: Path) -> Broker:
    """A broker that is not started yet; the tokens are those of the data folder."""
    logging.getLogger("amqtt").setLevel(logging.ERROR)
    logging.getLogger("transitions").setLevel(logging.ERROR)
    here = __name__
    return Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{host}:{port}"}},
            "plugins": {
                f"{here}.TokenAuth": {"data": str(data)},
                f"{here}.OwnTopics": {},
            },
        }
    )


class TokenAuth(BaseAuthPlugin):  # type: ignore[misc]  # amqtt has no types
    """The name is protocol/number, the password its token."""

    @dataclass
    class Config:
        """data: the data folder with the tokens."""

        data: str = ""

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._credentials = Credentials(Path(self._get_config_option("data")))

    async def authenticate(self, *, session: Session) -> bool:
        holder = self._credentials.holder(session.password or "")
        return holder is not None and session.username == "/".join(holder)


class OwnTopics(BaseTopicPlugin):  # type: ignore[misc]  # as above
    """The gateway hears and says everything; a device only publishes, and only its own topics."""

    @dataclass
    class Config:
        """Nothing to set."""

    async def topic_filtering(
        self,
        *,
        session: Session | None = None,
        topic: str | None = None,
        action: Action | None = None,
    ) -> bool:
        protocol, _, number = ((session and session.username) or "").partition("/")
        if (protocol, number) == GATEWAY:
            return True
        return action == Action.PUBLISH and may_publish(protocol, number, topic or "")


def may_publish(protocol: str, number: str, topic: str) -> bool:
    """Whether a topic is one of the device's own."""
    if not number or {"+", "#"} & set(number):
        return False
    wild = [form.format(number).split("/") for form in TOPICS.get(protocol, ())]
    return any(matches(topic.split("/"), one) for one in wild)
