"""Alibaba Cloud SMS: SendSms, and the delivery receipts it pushes over HTTP (SmsReport).

Verified: field names, codes and the receipt's array (help.aliyun.com sms API error codes,
SmsReport; success code OK, message id BizId, receipt `success` true or false). Carriers' own
err_code values stand in the evidence as they are; none is read as "phone off".
[unverified] SmsUp's field names (phone_number, content, sequence_id), from memory;
`Throttling.User`, `InvalidAccessKeyId.NotFound`, `SignatureDoesNotMatch`: common
OpenAPI codes, from memory.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from bihuan.base.errors import bad
from bihuan.loop.providers.aliyun import AliyunAdapter, read_action
from bihuan.loop.providers.aliyun_signature import Action, signed
from bihuan.loop.providers.provider import (
    Errand,
    Outcome,
    Reason,
    Replied,
    Reply,
    Report,
    Request,
    Secret,
    evidence,
    phone_local,
    reported,
)
from bihuan.loop.providers.reading import Codes, callback_rows

NAME = "aliyun_sms"
THROTTLES = frozenset(
    {"isv.BUSINESS_LIMIT_CONTROL", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL"}
) | {"Throttling", "Throttling.User", "Throttling.Api"}
UNCLEAR = frozenset({"isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "InternalError"})
REASONS: dict[str, Reason] = {
    "isv.MOBILE_NUMBER_ILLEGAL": "wrong_address",
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": "wrong_address",
    "isv.AMOUNT_NOT_ENOUGH": "no_balance",
    "isv.OUT_OF_SERVICE": "no_balance",
    "isv.SMS_TEMPLATE_ILLEGAL": "template",
    "isv.SMS_SIGNATURE_ILLEGAL": "template",
    "isv.SMS_SIGN_ILLEGAL": "template",
    "isv.SIGN_STATE_ILLEGAL": "template",
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": "template",
    "isv.TEMPLATE_MISSING_PARAMETERS": "template",
    "isv.INVALID_JSON_PARAM": "template",
    "isv.PARAM_LENGTH_LIMIT": "template",
    "isv.PARAM_NOT_SUPPORT_URL": "template",
    "isv.BLACK_KEY_CONTROL_LIMIT": "content",
    "isv.SMS_CONTENT_ILLEGAL": "content",
    "isp.RAM_PERMISSION_DENY": "credentials",
    "isv.ACCOUNT_NOT_EXISTS": "credentials",
    "isv.ACCOUNT_ABNORMAL": "credentials",
    "isv.PRODUCT_UN_SUBSCRIPT": "credentials",
    "isv.PRODUCT_UNSUBSCRIBE": "credentials",
    "isv.DENY_IP_RANGE": "credentials",
    "InvalidAccessKeyId.NotFound": "credentials",
    "SignatureDoesNotMatch": "credentials",
}
CODES = Codes(REASONS, THROTTLES, UNCLEAR)


@dataclass(frozen=True, slots=True)
class AliyunSms(AliyunAdapter):
    """Sends an approved template under an approved signature; the text itself is not sent."""

    sign_name: str
    template_code: str
    endpoint: str = "https://dysmsapi.aliyuncs.com"
    name: str = NAME
    ring_s: int = 0

    def request(self, errand: Errand, token: Secret) -> Request:
        """Raises BadInputError for a number that cannot be one."""
        query = {
            "PhoneNumbers": phone_local(errand.address),
            "SignName": self.sign_name,
            "TemplateCode": errand.template or self.template_code,
            "TemplateParam": json.dumps(dict(errand.params), ensure_ascii=False),
            "OutId": errand.key,
        }
        action = Action(self.endpoint, "2017-05-25", "SendSms")
        return signed(action, query, self.key, errand.at_us, errand.nonce)

    def read(self, reply: Reply, errand: Errand) -> Outcome:
        return read_action(NAME, reply, "BizId", CODES)


def read_receipts(body: bytes) -> list[Report]:
    """SmsReport: one report a row. Raises BadInputError where it is not that array.

    Answer it with `{"code": 0, "msg": "接收成功"}`. The push is not signed: its address must be
    one that nobody can guess.
    """
    reports = []
    for row in callback_rows(body, "an array of SmsReport rows"):
        is_there, got = row.get("success"), row.get("err_code")
        said = evidence(NAME, BizId=row.get("biz_id"), err_code=got)
        if is_there is True:
            reports.append(reported(row.get("biz_id"), ("delivered", said)))
        elif is_there is False:
            reports.append(reported(row.get("biz_id"), ("failed", said)))
        else:
            reports.append(reported(row.get("biz_id"), ("unknown", f"{said}, no success field")))
    return reports


def read_pushes(body: bytes) -> list[Report | Replied]:
    """SmsReport rows, or SmsUp rows: texts that people sent back. Raises BadInputError."""
    rows = callback_rows(body, "an array of SmsReport or SmsUp rows")
    if not any("content" in row for row in rows):
        return [*read_receipts(body)]
    found: list[Report | Replied] = []
    for row in rows:
        sender, text, reference = (row.get(n) for n in ("phone_number", "content", "sequence_id"))
        if not (isinstance(sender, str) and isinstance(text, str) and reference):
            raise bad("callback", "a row without its fields", "phone_number, content, sequence_id")
        found.append(Replied(sender, text, str(reference)))
    return found
