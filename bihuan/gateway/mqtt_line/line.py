"""The connection to one broker: a session that lasts, QoS 1, a PUBACK only after the commit.

The broker keeps what it could not deliver while we were away, and does not say for how long. So
after each connection a mark is published to ourselves: what comes before it may have waited
since the former connection ended, what comes after it is live.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from bihuan.base.errors import Fault
from bihuan.base.time import EPOCH, Clock, datetime_of, us_of
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoded import Decoded
from bihuan.gateway.mqtt import sparkplug
from bihuan.gateway.mqtt.heard import Publish
from bihuan.gateway.mqtt_line.address import Address
from bihuan.gateway.mqtt_line.alive import Alive
from bihuan.gateway.mqtt_line.receipts import Receipts
from bihuan.gateway.mqtt_line.remembered import Remembered
from bihuan.gateway.mqtt_line.route import Mail, Router, Told
from bihuan.gateway.mqtt_line.storing import Parcel, Storing
from bihuan.gateway.worker import StoreWorker

KEEPALIVE_S = 60
BACKOFF_S = (1, 60)
TEND_S = 0.25
ALIVE_S = 10.0  # the longest by which `alive` is older than the last moment of a connection
MARK_S = 30.0  # a mark that does not come back is said: the broker's ACL forbids it
GIVE_UP_S = 600.0  # and then everything is taken as live
PER_SUBSCRIBE = 100
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """What one process leaves to the next."""

    alive: Alive
    remembered: Remembered


class MqttLine:
    """Hears one broker until stopped. Reconnects by itself, 1 s to 60 s after the line broke."""

    def __init__(
        self, at: Address, router: Router, worker: StoreWorker, clock: Clock, kept: Kept
    ) -> None:
        self._at, self._router, self._clock = at, router, clock
        self._alive, self._remembered = kept.alive, kept.remembered
        self._client = self._made()
        self._receipts = Receipts(self._acknowledge)
        self._storing = Storing(worker, self._receipts)
        self._stopping = threading.Event()
        self._tending = threading.Thread(target=self._tend, name="mqtt-tend", daemon=True)
        self._waited_since: datetime | None = None
        self._subscribing: set[int] = set()
        self._mark: bytes | None = b""  # not live before the first mark comes back
        self._marked_s = 0.0
        self._heard_s = 0.0
        self._is_told = False
        self._born = datetime_of(clock.now_us())

    @property
    def is_connected(self) -> bool:
        return bool(self._client.is_connected())

    @property
    def is_live(self) -> bool:
        """Connected, subscribed, and past what the broker had kept."""
        return self.is_connected and not self._subscribing and self._mark is None

    @property
    def unstored(self) -> int:
        """Messages that are not acknowledged yet, and parts that wait for another try."""
        return len(self._receipts) + self._storing.failed

    def start(self) -> None:
        """Connect, and go on until `stop`; a broker that is not there is tried again."""
        self._client.connect_async(self._at.host, self._at.port, KEEPALIVE_S)
        self._client.loop_start()
        self._tending.start()

    def stop(self) -> None:
        """End the connection; the session stays at the broker, what is not acknowledged too."""
        self._stopping.set()
        self._storing.stop()
        self._say_alive()
        self._client.disconnect()
        self._client.loop_stop()
        self._tending.join()
        self._remembered.save()

    def _made(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._at.client,
            clean_session=False,
            protocol=paho.MQTTv311,
            manual_ack=True,
        )
        if self._at.username is not None:
            client.username_pw_set(self._at.username, self._at.password)
        context = self._at.context()
        if context is not None:
            client.tls_set_context(context)
        client.reconnect_delay_set(*BACKOFF_S)
        client.max_queued_messages_set(1_000)
        client.on_pre_connect = self._on_pre_connect
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def _on_pre_connect(self, _client: paho.Client, _userdata: object) -> None:
        self._born = datetime_of(self._clock.now_us())
        if self._router.is_sparkplug_host:
            self._send_will(sparkplug.host_state(self._at.client, False, self._born))

    def _send_will(self, will: Publish) -> None:
        self._client.will_set(will.topic, will.payload, will.qos, will.is_retained)

    def _on_connect(
        self,
        _client: paho.Client,
        _userdata: object,
        flags: paho.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            log.error("broker refuses us", reason=str(reason), host=self._at.host)
            return
        self._receipts.reconnected()
        if not flags.session_present:
            self._alive.write(self._clock.now_us())  # what waits later waits since now at most
        self._waited_since = self._alive.read() or EPOCH if flags.session_present else None
        self._mark, self._is_told, self._marked_s = os.urandom(16).hex().encode(), False, 0.0
        self._subscribing.clear()
        self._subscribe((*self._router.topics(), self._mark_topic))
        if self._router.is_sparkplug_host:
            self._publish(sparkplug.host_state(self._at.client, True, self._born))
        log.info("broker connected", host=self._at.host, session=flags.session_present)

    def _on_disconnect(
        self,
        _client: paho.Client,
        _userdata: object,
        _flags: paho.DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._say_alive()
        self._receipts.reconnected()
        self._mark = b""
        if not self._stopping.is_set():
            log.warning("broker lost", reason=str(reason), host=self._at.host)

    def _subscribe(self, topics: Sequence[str]) -> None:
        for n in range(0, len(topics), PER_SUBSCRIBE):
            asked = [(topic, 1) for topic in topics[n : n + PER_SUBSCRIBE]]
            _code, packet_id = self._client.subscribe(asked)
            if packet_id is not None:
                self._subscribing.add(packet_id)

    def _on_subscribe(
        self,
        _client: paho.Client,
        _userdata: object,
        packet_id: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        refused = sum(reason.is_failure for reason in reasons)
        if refused:
            log.error("broker refuses subscriptions", refused=refused, of=len(reasons))
        self._subscribing.discard(packet_id)
        if not self._subscribing and self._mark is not None and not self._marked_s:
            self._marked_s = time.monotonic()
            self._client.publish(self._mark_topic, self._mark, qos=1)

    @property
    def _mark_topic(self) -> str:
        return f"bihuan/{self._at.client}/mark"

    def _on_message(
        self, _client: paho.Client, _userdata: object, message: paho.MQTTMessage
    ) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:  # a broker that passes on what the protocol forbids
            topic = ascii(message)[:64]
        self._heard_s = time.monotonic()
        mail = Mail(
            topic,
            bytes(message.payload),
            bool(message.retain),
            datetime_of(self._clock.now_us()),
            self._waited_since,
        )
        receipt = None
        if message.qos:
            receipt = self._receipts.came(
                message.mid, mail.raw, us_of(mail.received), is_again=message.dup
            )
            if receipt is None:
                return
        told = self._read(mail)
        if receipt is not None:
            self._receipts.expects(receipt, len(told.arrivals))
        for arrival in told.arrivals:
            self._storing.put(Parcel(arrival, receipt))

    def _read(self, mail: Mail) -> Told:
        if mail.topic == self._mark_topic:
            if mail.payload == self._mark:
                self._be_live()
            return Told()
        if mail.topic == sparkplug.host_state(self._at.client, True, self._born).topic:
            return Told()
        try:
            told = self._router.take(mail)
        except Exception as error:  # noqa: BLE001 - the line's edge: one message must not end the thread that hears all
            log.error("message not read", error=type(error).__name__)
            fault = Fault("payload", type(error).__name__, "a message that can be read")
            decoded = Decoded(None, "unreadable", faults=(fault,), link=None)
            return Told((Arrival("mqtt", mail.raw, decoded, self._clock.now_us()),))
        if told.is_description:
            self._remembered.note(mail.topic, mail.payload)
        self._subscribe(told.subscribe)
        if told.unsubscribe:
            self._client.unsubscribe(list(told.unsubscribe))
        for publish in told.publish:
            self._publish(publish)
        return told

    def _be_live(self) -> None:
        self._mark = self._waited_since = None
        self._receipts.caught_up()

    def _publish(self, message: Publish) -> None:
        sent = self._client.publish(
            message.topic, message.payload, message.qos, message.is_retained
        )
        if sent.rc not in (paho.MQTT_ERR_SUCCESS, paho.MQTT_ERR_NO_CONN):
            log.error("message not sent", topic=message.topic, code=sent.rc)

    def _acknowledge(self, packet_id: int) -> None:
        self._client.ack(packet_id, 1)

    def _tend(self) -> None:
        """Try again what was not stored, say that we are there, wait for the mark."""
        written_s = 0.0
        while not self._stopping.wait(TEND_S):
            self._storing.retry()
            now_s = time.monotonic()
            if now_s - written_s > ALIVE_S:
                self._say_alive()
                self._remembered.save()
                written_s = now_s
            self._look_for_mark(now_s)

    def _say_alive(self) -> None:
        """Leave until when all was heard and stored, past what the broker had kept."""
        if self._mark is None:
            oldest_us = self._receipts.oldest_us()
            self._alive.write(self._clock.now_us() if oldest_us is None else oldest_us)

    def _look_for_mark(self, now_s: float) -> None:
        if self._mark is None or not self._marked_s or not self.is_connected:
            return
        if not self._is_told and now_s - max(self._marked_s, self._heard_s) > MARK_S:
            log.warning("mark does not come back", topic=self._mark_topic, want="readwrite for us")
            self._is_told = True
        if now_s - max(self._marked_s, self._heard_s) > GIVE_UP_S:
            self._be_live()
