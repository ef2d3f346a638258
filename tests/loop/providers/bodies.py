"""The documented answers of each HTTP provider: (status, body) and what they mean, by hand.

Where a body is quoted from a page, the provider's module names the page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bihuan.loop.providers.aliyun_signature import AliyunKey
from bihuan.loop.providers.aliyun_sms import AliyunSms
from bihuan.loop.providers.aliyun_voice import AliyunVoice
from bihuan.loop.providers.dingtalk import DingTalkDing, DingTalkNotice
from bihuan.loop.providers.feishu import Feishu
from bihuan.loop.providers.provider import Adapter, Reason, Secret
from bihuan.loop.providers.tencent_signature import TencentKey
from bihuan.loop.providers.tencent_sms import TencentSms
from bihuan.loop.providers.tencent_voice import TencentVoice
from bihuan.loop.providers.webhook import Webhook
from bihuan.loop.providers.wechat import WeChatTemplate
from bihuan.loop.providers.wecom import WeCom
from bihuan.loop.providers.zhezhengding import ZheZhengDing
from tests.loop.providers.conftest import NUMBER

ID, SECRET = Secret("ID-of-the-test-key"), Secret("very-secret-of-the-test")
ALI, TENCENT = AliyunKey(ID, SECRET), TencentKey(ID, SECRET)
TOKEN = "token-of-the-test"


@dataclass(frozen=True)
class Kind:
    """One provider: how it is made, where its requests go, and a good answer."""

    make: Callable[[str], Adapter]
    path: str
    good: str
    reference: str
    address: str = NUMBER
    token: tuple[str, str, str] | None = None  # method, path, answer


def _webhook(url: str) -> Adapter:
    return Webhook(f"{url}/in", SECRET)


GETTOKEN = f'{{"errcode":0,"errmsg":"ok","access_token":"{TOKEN}","expires_in":7200}}'
KINDS: dict[str, Kind] = {
    "dingtalk": Kind(
        lambda url: DingTalkNotice("app", SECRET, 1234, url),
        "/topapi/message/corpconversation/asyncsend_v2",
        '{"errcode":0,"task_id":256271667526,"request_id":"4jzllmte0wau"}',
        "256271667526",
        "zhangsan",
        ("GET", "/gettoken", GETTOKEN),
    ),
    "ding": Kind(
        lambda url: DingTalkDing("app", SECRET, "robot", "phone", url),
        "/v1.0/robot/ding/send",
        '{"openDingId":"54165xxx"}',
        "54165xxx",
        "manager7675",
        ("POST", "/v1.0/oauth2/accessToken", f'{{"accessToken":"{TOKEN}","expireIn":7200}}'),
    ),
    "wecom": Kind(
        lambda url: WeCom("corp", SECRET, 1, url),
        "/cgi-bin/message/send",
        '{"errcode":0,"errmsg":"ok","invaliduser":"","msgid":"mrVtVXE39it1tWVvd57npP_dNl"}',
        "mrVtVXE39it1tWVvd57npP_dNl",
        "ZhangSan",
        ("GET", "/cgi-bin/gettoken", GETTOKEN),
    ),
    "feishu": Kind(
        lambda url: Feishu("cli", SECRET, url),
        "/open-apis/im/v1/messages",
        '{"code":0,"msg":"success","data":{"message_id":"om_dc13264520392913993dd051dba21dcf"}}',
        "om_dc13264520392913993dd051dba21dcf",
        "ou_9b851f7b51a9d58d109982337c46f3de",
        (
            "POST",
            "/open-apis/auth/v3/tenant_access_token/internal",
            f'{{"code":0,"msg":"ok","tenant_access_token":"{TOKEN}","expire":7200}}',
        ),
    ),
    "aliyun_sms": Kind(
        lambda url: AliyunSms(ALI, "青禾县", "SMS_1", url),
        "/",
        '{"Code":"OK","Message":"OK","BizId":"9006197469364984^0","RequestId":"F655A8D5"}',
        "9006197469364984^0",
    ),
    "aliyun_voice": Kind(
        lambda url: AliyunVoice(ALI, "TTS_1", endpoint=url),
        "/",
        '{"Code":"OK","Message":"OK","RequestId":"D9CB3933","CallId":"116012354148^10281378"}',
        "116012354148^10281378",
    ),
    "tencent_sms": Kind(
        lambda url: TencentSms(TENCENT, "1400006666", "青禾县", "1110", endpoint=url),
        "/",
        '{"Response":{"SendStatusSet":[{"SerialNo":"5000:1045710669157053657849499619","PhoneNumber"'
        ':"+8613800001111","Fee":1,"SessionContext":"bh7","Code":"Ok","Message":"send success",'
        '"IsoCode":"CN"}],"RequestId":"a0aabda6"}}',
        "5000:1045710669157053657849499619",
    ),
    "tencent_voice": Kind(
        lambda url: TencentVoice(TENCENT, "1400006666", "4356", endpoint=url),
        "/",
        '{"Response":{"SendStatus":{"CallId":"12582bce-403c-11eb-96b8-525400476c37",'
        '"SessionContext":"bh7"},"RequestId":"91260bb8"}}',
        "12582bce-403c-11eb-96b8-525400476c37",
    ),
    "wechat": Kind(
        lambda url: WeChatTemplate("wx", SECRET, "tpl", Secret("callback-token"), url),
        "/cgi-bin/message/template/send",
        '{"errcode":0,"errmsg":"ok","msgid":200228332}',
        "200228332",
        "oia2TjuEGTNoeX76QEjQNrcURxG8",
        ("GET", "/cgi-bin/token", f'{{"access_token":"{TOKEN}","expires_in":7200}}'),
    ),
    "zhezhengding": Kind(
        lambda url: ZheZhengDing("app", SECRET, "196729", url),
        "/message/workNotification",
        '{"success":true,"content":"msg-20230101"}',
        "msg-20230101",
        "100000001",
    ),
    "webhook": Kind(
        _webhook,
        "/in",
        '{"id":"bh7-0f0f0f0f0f0f0f0f","state":"accepted"}',
        "bh7-0f0f0f0f0f0f0f0f",
        "desk-3",
    ),
}

THROTTLES: list[tuple[str, int, str]] = [
    ("dingtalk", 200, '{"errcode":143103,"errmsg":"企业单应用消息发送人次QPM超限"}'),
    ("dingtalk", 200, '{"errcode":88,"sub_code":"90018","sub_msg":"","errmsg":"ding talk error"}'),
    ("ding", 400, '{"code":"toomuch.msg","message":"send too fast","requestid":"1"}'),
    ("wecom", 200, '{"errcode":45009,"errmsg":"api freq out of limit"}'),
    ("feishu", 400, '{"code":99991400,"msg":"request trigger frequency limit"}'),
    ("feishu", 429, '{"code":99991400,"msg":"request trigger frequency limit"}'),
    (
        "aliyun_sms",
        200,
        '{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"触发分钟级流控Permits:1"}',
    ),
    ("aliyun_voice", 200, '{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"触发流控"}'),
    ("wechat", 200, '{"errcode":45009,"errmsg":"reach max api daily quota limit"}'),
    ("tencent_voice", 200, '{"Response":{"Error":{"Code":"RequestLimitExceeded","Message":""}}}'),
    (
        "tencent_sms",
        200,
        '{"Response":{"SendStatusSet":[{"SerialNo":"","Code":'
        '"LimitExceeded.PhoneNumberThirtySecondLimit"}]}}',
    ),
    ("webhook", 429, "slow down"),
    ("zhezhengding", 429, ""),
]


def _tencent(code: str) -> str:
    return f'{{"Response":{{"Error":{{"Code":"{code}","Message":"m"}},"RequestId":"r"}}}}'


def _row(code: str) -> str:
    return f'{{"Response":{{"SendStatusSet":[{{"SerialNo":"","Code":"{code}"}}]}}}}'


REFUSALS: list[tuple[str, int, str, Reason]] = [
    ("dingtalk", 200, '{"errcode":143106,"errmsg":"单应用给单人推送重复消息超限"}', "content"),
    (
        "dingtalk",
        200,
        '{"errcode":88,"sub_code":"60011","errmsg":"没有调用该接口的权限"}',
        "credentials",
    ),
    ("dingtalk", 200, '{"errcode":33012,"errmsg":"无效的USERID"}', "wrong_address"),
    ("dingtalk", 200, '{"errcode":987654,"errmsg":"never heard of"}', "other"),
    ("ding", 400, '{"code":"ding.serverquota.insufficient","message":""}', "no_balance"),
    ("ding", 400, '{"code":"miss.staffId","message":"miss.staffId x"}', "wrong_address"),
    ("ding", 200, '{"openDingId":"5","failedList":{"离职":["manager7675"]}}', "wrong_address"),
    ("wecom", 200, '{"errcode":81013,"errmsg":"user & party & tag all invalid"}', "wrong_address"),
    (
        "wecom",
        200,
        '{"errcode":0,"errmsg":"ok","invaliduser":"lisi|zhangsan","msgid":"x"}',
        "wrong_address",
    ),
    (
        "wecom",
        200,
        '{"errcode":0,"errmsg":"ok","unlicenseduser":"zhangsan","msgid":"x"}',
        "wrong_address",
    ),
    (
        "feishu",
        400,
        '{"code":230013,"msg":"Bot has NO availability to this user"}',
        "wrong_address",
    ),
    ("feishu", 400, '{"code":230006,"msg":"Bot ability is not activated."}', "credentials"),
    ("aliyun_sms", 200, '{"Code":"isv.MOBILE_NUMBER_ILLEGAL","Message":"m"}', "wrong_address"),
    ("aliyun_sms", 200, '{"Code":"isv.AMOUNT_NOT_ENOUGH","Message":"m"}', "no_balance"),
    ("aliyun_sms", 200, '{"Code":"isv.SMS_TEMPLATE_ILLEGAL","Message":"m"}', "template"),
    ("aliyun_sms", 200, '{"Code":"isv.BLACK_KEY_CONTROL_LIMIT","Message":"m"}', "content"),
    ("aliyun_sms", 400, '{"Code":"SignatureDoesNotMatch","Message":"m"}', "credentials"),
    ("aliyun_voice", 200, '{"Code":"isv.COMPLAINT_REJECT","Message":"m"}', "blacklisted"),
    ("aliyun_voice", 200, '{"Code":"isv.TTS_TEMPLATE_ILLEGAL","Message":"m"}', "template"),
    ("aliyun_voice", 200, '{"Code":"isv.OUT_OF_SERVICE","Message":"m"}', "no_balance"),
    ("tencent_sms", 200, _tencent("AuthFailure.SignatureFailure"), "credentials"),
    ("tencent_sms", 200, _row("FailedOperation.PhoneNumberInBlacklist"), "blacklisted"),
    ("tencent_sms", 200, _row("FailedOperation.InsufficientBalanceInSmsPackage"), "no_balance"),
    ("tencent_sms", 200, _row("FailedOperation.TemplateIncorrectOrUnapproved"), "template"),
    ("tencent_sms", 200, _row("InvalidParameterValue.IncorrectPhoneNumber"), "wrong_address"),
    (
        "tencent_voice",
        200,
        _tencent("FailedOperation.InsufficientBalanceInVoicePackage"),
        "no_balance",
    ),
    ("wechat", 200, '{"errcode":43101,"errmsg":"user refuse to accept the msg"}', "blacklisted"),
    ("wechat", 200, '{"errcode":40003,"errmsg":"invalid openid"}', "wrong_address"),
    ("wechat", 200, '{"errcode":40037,"errmsg":"invalid template_id"}', "template"),
    ("zhezhengding", 200, '{"success":false,"bizErrorCode":"MSG-1"}', "other"),
    ("zhezhengding", 200, '{"success":true,"content":{"success":false}}', "other"),
    ("webhook", 200, '{"id":"bh7-0f0f0f0f0f0f0f0f","state":"refused","code":"no-such"}', "other"),
    ("webhook", 404, "no such page", "other"),
]

# said to be well, or nearly, without what would prove it
UNCLEAR: list[tuple[str, int, str]] = [
    ("dingtalk", 200, '{"errcode":0,"errmsg":"ok"}'),
    ("dingtalk", 200, '{"errcode":-1,"errmsg":"系统繁忙"}'),
    ("ding", 500, '{"code":"system.error","message":"system.error"}'),
    ("ding", 400, '{"code":"send.ding.exception","message":"x"}'),
    ("wecom", 200, '{"errcode":0,"errmsg":"ok"}'),
    ("wecom", 200, '{"errcode":-1,"errmsg":"system busy"}'),
    ("feishu", 200, '{"code":0,"msg":"success","data":{}}'),
    ("aliyun_sms", 200, '{"Code":"OK","Message":"OK"}'),
    ("aliyun_sms", 200, '{"Code":"isp.SYSTEM_ERROR","Message":"m"}'),
    ("aliyun_voice", 200, '{"Code":"OK","Message":"OK"}'),
    ("tencent_sms", 200, '{"Response":{"RequestId":"r"}}'),
    ("tencent_sms", 200, '{"Response":{"SendStatusSet":[{"Code":"Ok"}]}}'),
    ("tencent_voice", 200, '{"Response":{"SendStatus":{}}}'),
    ("wechat", 200, '{"errcode":0,"errmsg":"ok"}'),
    ("zhezhengding", 200, '{"success":true}'),
    ("webhook", 200, '{"id":"another","state":"accepted"}'),
]
