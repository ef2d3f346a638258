"""Alibaba Cloud SMS: SendSms, and the delivery receipts it pushes over HTTP (SmsReport).

Verified: field names, codes and the receipt's array (help.aliyun.com sms API error codes,
SmsReport; success code OK, message id BizId, receipt `success` true or false). Carriers' own
err_code values stand in the evidence as they are; none is read as "phone off".
[unverified] `Throttling.User`, `InvalidAccessKeyId.NotFound`, `SignatureDoesNotMatch`: common
OpenAPI codes, from memory.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from bihuan.loop.providers.aliyun_signature import Action, AliyunKey, signed
from bihuan.loop.providers.provider import (
    Errand,
    Outcome,
    Reason,
    Refused,
    Reply,
    Report,
    Request,
    Secret,
    Taken,
    Token,
    Unclear,
    evidence,
    phone_local,
    reported,
)
from bihuan.loop.providers.reading import Fields, callback_rows, failure, read_json

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


@dataclass(frozen=True, slots=True)
class AliyunSms:
    """Sends an approved template under an approved signature; the text itself is not sent."""

    key: AliyunKey
    sign_name: str
    template_code: str
    endpoint: str = "https://dysmsapi.aliyuncs.com"
    name: str = NAME
    ring_s: int = 0

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.key.key_id, self.key.key_secret)

    def token_request(self) -> Request | None:
        return None

    def read_token(self, reply: Reply) -> Token | Refused | Unclear:
        return Unclear(evidence(NAME, http=reply.status))

    def request(self, errand: Errand, token: Secret) -> Request:
        """Raises BadInputError for a number that cannot be one."""
        query = {
            "PhoneNumbers": phone_local(errand.address),
            "SignName": self.sign_name,
            "TemplateCode": self.template_code,
            "TemplateParam": json.dumps(dict(errand.params), ensure_ascii=False),
            "OutId": errand.key,
        }
        action = Action(self.endpoint, "2017-05-25", "SendSms")
        return signed(action, query, self.key, errand.at_us, errand.nonce)

    def read(self, reply: Reply, errand: Errand) -> Outcome:
        return read_json(NAME, reply, self._read)

    def _read(self, fields: Fields) -> Outcome:
        got, message_id = fields.get("Code"), fields.get("BizId")
        if got == "OK" and isinstance(message_id, str) and message_id:
            return Taken(message_id, evidence(NAME, code=got, BizId=message_id))
        if got == "OK" or not isinstance(got, str):
            return Unclear(f"{evidence(NAME, code=got)}, no BizId")
        return failure(NAME, got, REASONS, THROTTLES, UNCLEAR)


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
