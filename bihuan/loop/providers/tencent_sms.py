"""Tencent Cloud SMS: SendSms 2021-01-11 and the delivery receipts it pushes.

Verified: request fields (cloud.tencent.cn 409/55981), `Response.Error` and common codes
(cloud.tencent.com api/382/52075), receipt rows with report_status SUCCESS or FAIL and sid equal
to SerialNo (tencentcloud.com api/382/43547), SendStatusSet codes (Tencent's SDK constants).
"""

from __future__ import annotations

from dataclasses import dataclass

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
    phone_e164,
    reported,
)
from bihuan.loop.providers.reading import Fields, callback_rows, failure, read_json
from bihuan.loop.providers.tencent_signature import Action, TencentKey, signed

NAME = "tencent_sms"
THROTTLES = frozenset(
    {
        "RequestLimitExceeded",
        "RequestLimitExceeded.IPLimitExceeded",
        "RequestLimitExceeded.UinLimitExceeded",
        "RequestLimitExceeded.GlobalRegionUinLimitExceeded",
        "LimitExceeded",
        "LimitExceeded.DeliveryFrequencyLimit",
        "LimitExceeded.AppDailyLimit",
        "LimitExceeded.PhoneNumberThirtySecondLimit",
        "LimitExceeded.PhoneNumberOneHourLimit",
        "LimitExceeded.PhoneNumberDailyLimit",
        "LimitExceeded.PhoneNumberSameContentDailyLimit",
    }
)
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


@dataclass(frozen=True, slots=True)
class TencentSms:
    """Sends an approved template; its variables are `params` in their order."""

    key: TencentKey
    app_id: str
    sign_name: str
    template_id: str
    region: str = "ap-guangzhou"
    endpoint: str = "https://sms.tencentcloudapi.com"
    name: str = NAME
    ring_s: int = 0

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.key.secret_id, self.key.secret_key)

    def token_request(self) -> Request | None:
        return None

    def read_token(self, reply: Reply) -> Token | Refused | Unclear:
        return Unclear(evidence(NAME, http=reply.status))

    def request(self, errand: Errand, token: Secret) -> Request:
        """Raises BadInputError for a number that cannot be one."""
        fields = {
            "PhoneNumberSet": [phone_e164(errand.address)],
            "SmsSdkAppId": self.app_id,
            "SignName": self.sign_name,
            "TemplateId": self.template_id,
            "TemplateParamSet": list(errand.params.values()),
            "SessionContext": errand.key,
        }
        action = Action(self.endpoint, "sms", "2021-01-11", "SendSms", self.region)
        return signed(action, fields, self.key, errand.at_us)

    def read(self, reply: Reply, errand: Errand) -> Outcome:
        return read_json(NAME, reply, self._read)

    def _read(self, fields: Fields) -> Outcome:
        answer = fields.get("Response")
        if not isinstance(answer, dict):
            return Unclear(f"{NAME}: no Response")
        if "Error" in answer:
            return tencent_error(NAME, answer, REASONS, THROTTLES, UNCLEAR)
        rows = answer.get("SendStatusSet")
        if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], dict):
            return Unclear(f"{evidence(NAME, request=answer.get('RequestId'))}, no SendStatusSet")
        got, serial = rows[0].get("Code"), rows[0].get("SerialNo")
        if got == "Ok" and isinstance(serial, str) and serial:
            return Taken(serial, evidence(NAME, code=got, SerialNo=serial))
        if got == "Ok" or not isinstance(got, str):
            return Unclear(f"{evidence(NAME, code=got)}, no SerialNo")
        return failure(NAME, got, REASONS, THROTTLES, UNCLEAR)


def tencent_error(
    provider: str,
    answer: Fields,
    reasons: dict[str, Reason],
    throttles: frozenset[str],
    unclear: frozenset[str],
) -> Outcome:
    """`Response.Error`: the whole request failed. AuthFailure.* is always about our key."""
    error = answer["Error"]
    got = error.get("Code") if isinstance(error, dict) else None
    if not isinstance(got, str):
        return Unclear(f"{provider}: Error without a Code")
    if got.startswith("AuthFailure"):
        return Refused("credentials", evidence(provider, code=got))
    return failure(provider, got, reasons, throttles, unclear)


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
