"""Every provider we can speak to: what it is called, what it needs, which facts it can prove.

Adding one is a file of its own and a line here. Nothing is configured or connected here.
"""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.loop.entries import Fact
from bihuan.loop.providers.provider import Field

_ALIYUN = (
    Field("key_id", "AccessKey ID of a user who may only send", is_secret=True),
    Field("key_secret", "AccessKey secret", is_secret=True),
)
_TENCENT = (
    Field("secret_id", "SecretId of a user who may only send", is_secret=True),
    Field("secret_key", "SecretKey", is_secret=True),
    Field("app_id", "SdkAppId of the application"),
    Field("template_id", "number of an approved template"),
    Field("region", "region of the service", is_required=False, preset="ap-guangzhou"),
)
_DIGIT = Field("confirm_digit", "the key that says 'I go'", is_required=False, preset="1")


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider's declaration. proves: the facts that its documents let us record.

    address   what kind of address a person needs for it
    channels  what it can be set up as
    """

    name: str
    zh: str
    en: str
    address: str
    fields: tuple[Field, ...]
    proves: tuple[Fact, ...]
    channels: tuple[str, ...]


def _endpoint(preset: str) -> Field:
    return Field("endpoint", "https address of the service", is_required=False, preset=preset)


_LISTED = (
    Provider(
        "dingtalk",
        "钉钉工作通知",
        "DingTalk work notice",
        "userid",
        (
            Field("app_key", "AppKey of the internal application"),
            Field("app_secret", "AppSecret", is_secret=True),
            Field("agent_id", "AgentId, a whole number"),
            _endpoint("https://oapi.dingtalk.com"),
        ),
        ("accepted", "delivered", "failed"),
        ("dingtalk",),
    ),
    Provider(
        "ding",
        "钉钉 DING",
        "DingTalk DING",
        "userid",
        (
            Field("app_key", "AppKey of the internal application"),
            Field("app_secret", "AppSecret", is_secret=True),
            Field("robot_code", "robotCode of the organisation's robot"),
            Field("mode", "app, sms or phone", is_required=False, preset="phone"),
            _endpoint("https://api.dingtalk.com"),
        ),
        ("accepted", "failed"),
        ("ding",),
    ),
    Provider(
        "wecom",
        "企业微信",
        "WeCom",
        "userid",
        (
            Field("corp_id", "CorpID"),
            Field("corp_secret", "secret of the application", is_secret=True),
            Field("agent_id", "AgentId, a whole number"),
            _endpoint("https://qyapi.weixin.qq.com"),
        ),
        ("accepted", "failed"),
        ("wecom",),
    ),
    Provider(
        "feishu",
        "飞书",
        "Feishu",
        "open_id",
        (
            Field("app_id", "App ID"),
            Field("app_secret", "App Secret", is_secret=True),
            _endpoint("https://open.feishu.cn"),
        ),
        ("accepted", "delivered", "failed"),
        ("feishu",),
    ),
    Provider(
        "aliyun_sms",
        "阿里云短信",
        "Alibaba Cloud SMS",
        "mobile number",
        (
            *_ALIYUN,
            Field("sign_name", "approved signature"),
            Field("template_code", "approved template, SMS_…"),
            _endpoint("https://dysmsapi.aliyuncs.com"),
        ),
        ("accepted", "delivered", "failed"),
        ("sms",),
    ),
    Provider(
        "aliyun_voice",
        "阿里云语音",
        "Alibaba Cloud voice",
        "phone number",
        (
            *_ALIYUN,
            Field("tts_code", "approved voice template, TTS_…"),
            Field("show_number", "number shown, empty in the public mode", is_required=False),
            _DIGIT,
            _endpoint("https://dyvmsapi.aliyuncs.com"),
        ),
        ("accepted", "delivered", "answered", "heard", "confirmed", "no_answer", "off", "failed"),
        ("voice",),
    ),
    Provider(
        "tencent_sms",
        "腾讯云短信",
        "Tencent Cloud SMS",
        "mobile number",
        (
            *_TENCENT,
            Field("sign_name", "approved signature"),
            _endpoint("https://sms.tencentcloudapi.com"),
        ),
        ("accepted", "delivered", "failed"),
        ("sms",),
    ),
    Provider(
        "tencent_voice",
        "腾讯云语音",
        "Tencent Cloud voice",
        "mobile number",
        (*_TENCENT, _DIGIT, _endpoint("https://vms.tencentcloudapi.com")),
        ("accepted", "answered", "confirmed", "no_answer", "off", "failed"),
        ("voice",),
    ),
    Provider(
        "webhook",
        "签名回调",
        "Signed webhook",
        "the other system's name of the person",
        (
            Field("url", "https address of the other system"),
            Field("secret", "shared secret of at least 32 characters", is_secret=True),
        ),
        (
            "accepted",
            "delivered",
            "answered",
            "heard",
            "confirmed",
            "no_answer",
            "declined",
            "off",
            "failed",
        ),
        ("webhook",),
    ),
    Provider(
        "web_push",
        "浏览器推送",
        "Web Push",
        "the browser's subscription, as JSON",
        (
            Field("contact", "mailto: address of who runs this site"),
            Field("private_key", "VAPID key, base64url", is_secret=True),
            Field("hosts", "push services that may be written to", is_required=False),
        ),
        ("accepted", "failed"),
        ("push",),
    ),
    Provider(
        "mail",
        "电子邮件",
        "E-mail",
        "mailbox",
        (
            Field("host", "SMTP server"),
            Field("port", "465 for TLS, 587 for STARTTLS"),
            Field("sender", "mailbox it comes from"),
            Field("user", "login name", is_required=False),
            Field("password", "password", is_secret=True, is_required=False),
        ),
        ("accepted", "delivered", "failed"),
        ("mail",),
    ),
    Provider(
        "wechat",
        "微信服务号",
        "WeChat service account",
        "open id",
        (
            Field("app_id", "AppID"),
            Field("app_secret", "AppSecret", is_secret=True),
            Field("template_id", "template chosen in the account"),
            Field("callback_token", "token of the event address", is_secret=True),
            _endpoint("https://api.weixin.qq.com"),
        ),
        ("accepted", "delivered", "failed"),
        ("wechat",),
    ),
    Provider(
        "zhezhengding",
        "浙政钉",
        "Zhejiang government DingTalk",
        "accountId",
        (
            Field("api_key", "App Key"),
            Field("api_secret", "App Secret", is_secret=True),
            Field("tenant_id", "tenantId, a whole number"),
            _endpoint("https://openplatform-pro.ding.zj.gov.cn"),
        ),
        ("accepted", "failed"),
        ("zhezhengding",),
    ),
    Provider(
        "gsm_modem",
        "短信猫",
        "GSM modem",
        "phone number",
        (
            Field("port", "serial port, such as ttyUSB2"),
            Field("baud", "bits a second", is_required=False, preset="115200"),
            _DIGIT,
        ),
        ("accepted", "delivered", "answered", "confirmed", "no_answer", "failed"),
        ("sms", "voice"),
    ),
)
PROVIDERS: dict[str, Provider] = {provider.name: provider for provider in _LISTED}
