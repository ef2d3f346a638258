"""The real broker, as docs/mqtt.md sets it up: own authority, passwords, ACL."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import paho.mqtt.client as paho
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from paho.mqtt.enums import CallbackAPIVersion

from bihuan.base.time import SystemClock, datetime_of

DOCS = Path(__file__).parents[2] / "docs" / "mqtt.md"
PASSWORDS = {"gateway": "g-secret", "zigbee-bridge": "z-secret", "cold-1": "c-secret"}
MOST_S = 10.0


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    assert found, f"{name}: got none, want it beside mosquitto"
    return found


def pause(seconds: float) -> None:
    """Between two looks at a process that is not ours to tell when it is done."""
    threading.Event().wait(seconds)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def block(language: str) -> str:
    """The text of a fenced block of docs/mqtt.md."""
    found = re.search(rf"```{re.escape(language)}\n(.*?)```", DOCS.read_text(), re.S)
    assert found, language
    return found[1]


class Mosquitto:
    """One broker with TLS on a free port of loopback; its folder outlives a kill."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.ca = folder / "ca.crt"
        authority(folder)
        self._conf = folder / "mosquitto.conf"
        self._conf.write_text(self._text())
        (folder / "acl").write_text(block("acl"))
        passwords = folder / "passwords"
        passwords.write_text("".join(f"{n}:{word}\n" for n, word in PASSWORDS.items()))
        subprocess.run([_program("mosquitto_passwd"), "-U", str(passwords)], check=True)
        self._process: subprocess.Popen[bytes] | None = None

    def _text(self) -> str:
        here = str(self._folder)
        text = block("mosquitto.conf").replace("listener 8883", f"listener {self.port} 127.0.0.1")
        text = text.replace("/etc/mosquitto/certs", here).replace("/etc/mosquitto", here)
        # dropped privileges could not read a folder of the tests
        return text.replace("/var/lib/mosquitto/", f"{here}/") + "user root\n"

    def start(self) -> None:
        said = (self._folder / "log").open("ab")
        command = [_program("mosquitto"), "-c", str(self._conf)]
        self._process = subprocess.Popen(command, stdout=said, stderr=said)
        until = time.monotonic() + MOST_S
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                pause(0.02)
        raise AssertionError((self._folder / "log").read_text())

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(MOST_S)
            self._process = None

    def device(self, name: str, *, password: str | None = None) -> Device:
        secret = PASSWORDS[name] if password is None else password
        return Device(self.port, self.ca, name, secret)


class Device:
    """A device at the broker: connects, publishes at QoS 1, and knows what the broker took."""

    def __init__(self, port: int, ca: Path, name: str, password: str) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.reasons: list[str] = []
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"{name}-device")
        self._client.username_pw_set(name, password)
        self._client.tls_set_context(ssl.create_default_context(cafile=str(ca)))
        self._client.on_connect = lambda _c, _u, _f, reason, _p: self.reasons.append(str(reason))
        self._client.on_message = lambda _c, _u, m: self.heard.append((m.topic, bytes(m.payload)))
        self._client.connect("localhost", port)
        self._client.loop_start()
        wait_for(lambda: bool(self.reasons))

    def publish(self, topic: str, payload: str, *, qos: int = 1, retain: bool = False) -> None:
        """Publish, and wait until the broker has it."""
        sent = self._client.publish(topic, payload, qos, retain)
        sent.wait_for_publish(MOST_S)
        assert sent.is_published()

    def listen(self, topic: str) -> None:
        self._client.subscribe(topic, 1)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def wait_for(what: object, most_s: float = MOST_S) -> None:
    """Wait until it is so; fails after `most_s`."""
    assert callable(what)
    until = time.monotonic() + most_s
    while not what():
        assert time.monotonic() < until, "it did not come to be in time"
        pause(0.01)


def authority(folder: Path) -> None:
    """ca.crt, and broker.crt with its key for localhost and 127.0.0.1, signed by it."""
    now = datetime_of(SystemClock().now_us())  # the broker goes by the machine's clock

    def certificate(
        name: str, issuer: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey
    ) -> x509.Certificate:
        def called(common: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])

        names = [x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]
        return (
            x509.CertificateBuilder()
            .subject_name(called(name))
            .issuer_name(called(issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=name == issuer, path_length=None), True)
            .add_extension(x509.SubjectAlternativeName(names), False)
            .sign(by, hashes.SHA256())
        )

    ca, broker = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    (folder / "ca.crt").write_bytes(certificate("ca", "ca", ca, ca).public_bytes(pem))
    signed = certificate("broker", "ca", broker, ca)
    (folder / "broker.crt").write_bytes(signed.public_bytes(pem))
    (folder / "broker.key").write_bytes(
        broker.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
