"""From an account's configuration to what carries its messages. Nothing is connected here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from bihuan.base.errors import bad
from bihuan.loop.providers import PROVIDERS
from bihuan.loop.providers.aliyun_signature import AliyunKey
from bihuan.loop.providers.aliyun_sms import AliyunSms
from bihuan.loop.providers.aliyun_voice import AliyunVoice
from bihuan.loop.providers.browsers import Browsers
from bihuan.loop.providers.carrier import Carrier, HttpCarrier
from bihuan.loop.providers.dingtalk import DingTalkDing, DingTalkNotice
from bihuan.loop.providers.feishu import Feishu
from bihuan.loop.providers.gsm_carrier import ModemCarrier, SharedModem
from bihuan.loop.providers.mail import Mailbox, Mails
from bihuan.loop.providers.provider import Adapter, Secret
from bihuan.loop.providers.sender import Sender
from bihuan.loop.providers.tencent_signature import TencentKey
from bihuan.loop.providers.tencent_sms import TencentSms
from bihuan.loop.providers.tencent_voice import TencentVoice
from bihuan.loop.providers.web_push import WebPush, private_key
from bihuan.loop.providers.webhook import Webhook
from bihuan.loop.providers.wechat import WeChatTemplate
from bihuan.loop.providers.wecom import WeCom
from bihuan.loop.providers.zhezhengding import ZheZhengDing

Fields = Mapping[str, str]
Secrets = Mapping[str, Secret]
WHOLE = ("agent_id", "port", "baud", "play_times")

_ADAPTERS: dict[str, Callable[..., Adapter]] = {
    "dingtalk": DingTalkNotice,
    "ding": DingTalkDing,
    "wecom": WeCom,
    "feishu": Feishu,
    "aliyun_sms": AliyunSms,
    "aliyun_voice": AliyunVoice,
    "tencent_sms": TencentSms,
    "tencent_voice": TencentVoice,
    "webhook": Webhook,
    "wechat": WeChatTemplate,
    "zhezhengding": ZheZhengDing,
    "web_push": WebPush,
}


class Carriers:
    """Makes carriers; accounts on the same serial port share its modem."""

    def __init__(self, timeout_s: float | None = None) -> None:
        self._sender = Sender() if timeout_s is None else Sender(timeout_s)
        self._modems: dict[str, SharedModem] = {}
        self._lock = threading.Lock()

    def make(self, provider: str, channel: str, fields: Fields, secrets: Secrets) -> Carrier:
        """Raises BadInputError for a missing field or one that cannot be read."""
        if provider == "mail":
            return _mails(fields, secrets)
        if provider == "gsm_modem":
            return ModemCarrier(
                self._modem(fields), channel, _preset(provider, fields, "confirm_digit")
            )
        given = _given(provider, fields, secrets)
        carrier = HttpCarrier(_ADAPTERS[provider](**given), self._sender)
        return Browsers(carrier) if provider == "web_push" else carrier

    def close(self) -> None:
        """Let go of every serial port."""
        with self._lock:
            for modem in self._modems.values():
                modem.close()

    def _modem(self, fields: Fields) -> SharedModem:
        path = fields.get("port", "")
        if not path:
            raise bad("port", "nothing", "a serial port")
        with self._lock:
            if path not in self._modems:
                baud = _preset("gsm_modem", fields, "baud")
                self._modems[path] = SharedModem(path, int(baud))
            return self._modems[path]


def web_push(fields: Fields, secrets: Secrets) -> WebPush:
    """What speaks to browsers, for its public key. Raises BadInputError as `make` does."""
    found = WebPush(**_given("web_push", fields, secrets))  # type: ignore[arg-type]  # as declared
    private_key(found.private_key.reveal())
    return found


def _given(provider: str, fields: Fields, secrets: Secrets) -> dict[str, object]:
    """The adapter's arguments, as the registry declares them."""
    given: dict[str, object] = {}
    for declared in PROVIDERS[provider].fields:
        if declared.is_secret:
            given[declared.name] = _secret(secrets, declared.name, declared.is_required)
        elif fields.get(declared.name) or declared.is_required:
            given[declared.name] = _read(declared.name, fields.get(declared.name, ""))
    if "key_id" in given:
        given["key"] = AliyunKey(_of(given, "key_id"), _of(given, "key_secret"))
    if "secret_id" in given:
        given["key"] = TencentKey(_of(given, "secret_id"), _of(given, "secret_key"))
    return given


def _of(given: dict[str, object], name: str) -> Secret:
    found = given.pop(name)
    assert isinstance(found, Secret)
    return found


def _secret(secrets: Secrets, name: str, is_required: bool) -> Secret:
    if is_required and name not in secrets:
        raise bad(name, "nothing kept here", "this account's secret, set up on this machine")
    return secrets.get(name, Secret(""))


def _read(name: str, text: str) -> str | int:
    if not text:
        raise bad(name, "nothing", "a value")
    if name not in WHOLE:
        return text
    if not text.isascii() or not text.isdigit():
        raise bad(name, text, "a whole number")
    return int(text)


def _preset(provider: str, fields: Fields, name: str) -> str:
    declared = next(field for field in PROVIDERS[provider].fields if field.name == name)
    return fields.get(name) or declared.preset


def _mails(fields: Fields, secrets: Secrets) -> Mails:
    port = int(_read("port", fields.get("port", "")))
    return Mails(
        Mailbox(
            host=str(_read("host", fields.get("host", ""))),
            port=port,
            sender=str(_read("sender", fields.get("sender", ""))),
            user=fields.get("user", ""),
            password=secrets.get("password", Secret("")),
            is_tls=port == 465,
        )
    )
