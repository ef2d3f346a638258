"""Tencent Cloud SMS: SendSms 2021-01-11 and the delivery receipts it pushes.

Verified: request fields (cloud.tencent.cn 409/55981), `Response.Error` and common codes
(cloud.tencent.com api/382/52075), receipt rows with report_status SUCCESS or FAIL and sid equal
to SerialNo (tencentcloud.com api/382/43547), replies (api/382/43548: mobile, text, time),
SendStatusSet codes (Tencent's SDK constants).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from bihuan.base.errors import bad
from bihuan.loop.providers.provider import (
    Errand,
    Outcome,
    Reason,
    Replied,
    Reply,
    Report,
    Request,
    Secret,
    Taken,
    Unclear,
    evidence,
    phone_e164,
    reported,
)
from bihuan.loop.providers.reading import Codes, Fields, callback_json, callback_rows
from bihuan.loop.providers.tencent import THROTTLES, TencentAdapter, read_response
from bihuan.loop.providers.tencent_signature import Action, signed

NAME = "tencent_sms"
UNCLEAR = frozenset({"InternalError", "InternalError.Timeout", "InternalError.SendAndRecvFail"})
REASONS: dict[str, Reason] = {
    "FailedOperation.PhoneNumberInBlacklist": "blacklisted",
    "FailedOperation.InsufficientBalanceInSmsPackage": "no_balance",
    "FailedOperation.TemplateIncorrectOrUnapproved": "template",
    "FailedOperation.TemplateUnapprovedOrNotExist": "template",
    "FailedOperation.SignatureIncorrectOrUnapproved": "template",
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": "template",
    "FailedOperation.ContainSensitiveWord": "content",
    "InvalidParameterValue.IncorrectPhoneNumber": "wrong_address",
    "InvalidParameterValue.TemplateParameterFormatError": "template",
    "InvalidParameterValue.TemplateParameterLengthLimit": "template",
    "InvalidParameterValue.ContentLengthLimit": "content",
    "InvalidParameterValue.SdkAppIdNotExist": "credentials",
    "UnsupportedOperation.UnsupportedRegion": "wrong_address",
    "UnauthorizedOperation.RequestIpNotInWhitelist": "credentials",
    "UnauthorizedOperation.RequestPermissionDeny": "credentials",
}
CODES = Codes(REASONS, THROTTLES, UNCLEAR)


@dataclass(frozen=True, slots=True)
class TencentSms(TencentAdapter):
    """Sends an approved template; its variables are `params` in their order."""

    sign_name: str
    template_id: str
    region: str = "ap-guangzhou"
    endpoint: str = "https://sms.tencentcloudapi.com"
    name: str = NAME
    ring_s: int = 0

    def request(self, errand: Errand, token: Secret) -> Request:
        """Raises BadInputError for a number that cannot be one."""
        fields = {
            "PhoneNumberSet": [phone_e164(errand.address)],
            "SmsSdkAppId": self.app_id,
            "SignName": self.sign_name,
            "TemplateId": errand.template or self.template_id,
            "TemplateParamSet": list(errand.params.values()),
            "SessionContext": errand.key,
        }
        action = Action(self.endpoint, "sms", "2021-01-11", "SendSms", self.region)
        return signed(action, fields, self.key, errand.at_us)

    def read(self, reply: Reply, errand: Errand) -> Outcome:
        return read_response(NAME, reply, CODES, self._read)

    def _read(self, answer: Fields) -> Outcome:
        rows = answer.get("SendStatusSet")
        if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], dict):
            return Unclear(f"{evidence(NAME, request=answer.get('RequestId'))}, no SendStatusSet")
        got, serial = rows[0].get("Code"), rows[0].get("SerialNo")
        if got == "Ok" and isinstance(serial, str) and serial:
            return Taken(serial, evidence(NAME, code=got, SerialNo=serial))
        if got == "Ok" or not isinstance(got, str):
            return Unclear(f"{evidence(NAME, code=got)}, no SerialNo")
        return CODES.failure(NAME, got)


def read_receipts(body: bytes) -> list[Report]:
    """Delivery receipts. Raises BadInputError. Answer with `{"result": 0, "errmsg": "OK"}`.

    The push is not signed: its address must be one that nobody can guess.
    """
    reports = []
    for row in callback_rows(body, "an array of SMS receipts"):
        said = evidence(NAME, sid=row.get("sid"), errmsg=row.get("errmsg"))
        status = row.get("report_status")
        if status == "SUCCESS":
            reports.append(reported(row.get("sid"), ("delivered", said)))
        elif status == "FAIL":
            reports.append(reported(row.get("sid"), ("failed", said)))
        else:
            reports.append(reported(row.get("sid"), ("unknown", f"{said}, no report_status")))
    return reports


def read_pushes(body: bytes) -> list[Report | Replied]:
    """Delivery receipts (an array), or one text that came back (an object). Raises BadInputError.

    A reply has no id of its own: number, time and text together are one.
    """
    if not body.lstrip().startswith(b"{"):
        return [*read_receipts(body)]
    row = callback_json(body, "an SMS reply")
    sender, text = row.get("mobile"), row.get("text")
    if not isinstance(sender, str) or not isinstance(text, str):
        raise bad("callback", ", ".join(sorted(row))[:60], "mobile, text and time of a reply")
    one = f"{sender} {row.get('time')} {text}".encode()
    return [Replied(sender, text, hashlib.sha256(one).hexdigest()[:32])]
