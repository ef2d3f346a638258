"""Tencent Cloud voice notices: SendTtsVoice 2020-09-02 and its three callbacks.

Verified: request and answer (cloud.tencent.com api/1128/51558), voiceprompt_callback result 0
answered, 1 not answered, 2 fault (product/1128/37725), voicekey_callback keypress (216/37726),
voice_failure_callback and its failure codes 1 to 20 (api/1128/37531, 37727), error constants of
the SDK vms v20200902. [unverified] failure codes above 20: told as failed with their number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bihuan.base.errors import bad
from bihuan.loop.entries import Fact
from bihuan.loop.providers.provider import (
    Errand,
    Outcome,
    Reason,
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
from bihuan.loop.providers.reading import Codes, Fields, callback_json
from bihuan.loop.providers.tencent import THROTTLES, TencentAdapter, read_response
from bihuan.loop.providers.tencent_signature import Action, signed

NAME = "tencent_voice"
UNCLEAR = frozenset(
    {"InternalError", "FailedOperation.AccessUpstreamTimeout", "FailedOperation.VoiceUpstreamError"}
)
REASONS: dict[str, Reason] = {
    "FailedOperation.InsufficientBalanceInVoicePackage": "no_balance",
    "FailedOperation.ContainSensitiveWord": "content",
    "FailedOperation.TemplateUnapprovedOrNotExist": "template",
    "FailedOperation.PhonenumberUnappliedOrExpired": "credentials",
    "InvalidParameterValue.CalledNumberVerifyFail": "wrong_address",
    "InvalidParameterValue.SdkAppidNotExist": "credentials",
    "InvalidParameterValue.TemplateParameterLengthLimit": "template",
}
CODES = Codes(REASONS, THROTTLES, UNCLEAR)
# failure code -> fact and reason in words
FAILURES: dict[int, tuple[Fact, str]] = {
    1: ("off", "switched off"),
    2: ("no_answer", "in another call"),
    3: ("failed", "out of coverage"),
    4: ("failed", "in arrears"),
    5: ("no_answer", "nobody answered"),
    6: ("failed", "cannot be reached"),
    7: ("failed", "service suspended"),
    8: ("failed", "wrong_address"),
    9: ("failed", "lines busy"),
    10: ("no_answer", "busy"),
    11: ("failed", "other"),
    12: ("failed", "restricted"),
    13: ("failed", "service suspended"),
    15: ("failed", "wrong_address"),
    16: ("failed", "call reminder"),
    17: ("failed", "number expired"),
    18: ("failed", "network busy"),
    19: ("failed", "no voice service"),
    20: ("no_answer", "no reply"),
}


@dataclass(frozen=True, slots=True)
class TencentVoice(TencentAdapter):
    """Calls one number and speaks an approved template. confirm_digit: the key for "I go"."""

    template_id: str
    play_times: int = 2
    confirm_digit: str = "1"
    region: str = "ap-guangzhou"
    endpoint: str = "https://vms.tencentcloudapi.com"
    name: str = NAME
    ring_s: int = 0  # the provider says itself that nobody answered

    def request(self, errand: Errand, token: Secret) -> Request:
        """Raises BadInputError for a number that cannot be one."""
        fields = {
            "TemplateId": errand.template or self.template_id,
            "TemplateParamSet": list(errand.params.values()),
            "CalledNumber": phone_e164(errand.address),
            "VoiceSdkAppid": self.app_id,
            "PlayTimes": self.play_times,
            "SessionContext": errand.key,
        }
        action = Action(self.endpoint, "vms", "2020-09-02", "SendTtsVoice", self.region)
        return signed(action, fields, self.key, errand.at_us)

    def read(self, reply: Reply, errand: Errand) -> Outcome:
        return read_response(NAME, reply, CODES, self._read)

    def _read(self, answer: Fields) -> Outcome:
        status = answer.get("SendStatus")
        call_id = status.get("CallId") if isinstance(status, dict) else None
        if not isinstance(call_id, str) or not call_id:
            return Unclear(f"{evidence(NAME, request=answer.get('RequestId'))}, no CallId")
        return Taken(call_id, evidence(NAME, CallId=call_id))

    def read_callback(self, body: bytes) -> Report:
        """Any of the three callbacks. Raises BadInputError. Answer `{"result": 0, "errmsg": "OK"}`.

        The push is not signed: its address must be one that nobody can guess.
        """
        fields = callback_json(body, "a voice callback")
        readers = {
            "voiceprompt_callback": _prompt,
            "voicekey_callback": self._key_pressed,
            "voice_failure_callback": _failure,
        }
        for name, read in readers.items():
            if isinstance(fields.get(name), dict):
                return read(fields[name])
        raise bad("callback", ", ".join(sorted(fields))[:60], " or ".join(readers))

    def _key_pressed(self, row: Fields) -> Report:
        pressed = str(row.get("keypress", ""))
        said = evidence(NAME, call=row.get("callid"), key=pressed)
        fact: Fact = "confirmed" if pressed == self.confirm_digit else "answered"
        return replace(reported(row.get("callid"), (fact, said)), keys=pressed)


def _prompt(row: Fields) -> Report:
    facts: dict[str, Fact] = {"0": "answered", "1": "no_answer", "2": "failed"}
    got = str(row.get("result"))
    said = evidence(NAME, call=row.get("callid"), result=got)
    return reported(row.get("callid"), (facts.get(got, "unknown"), said))


def _failure(row: Fields) -> Report:
    got = row.get("failure_code")
    said = evidence(NAME, call=row.get("callid"), failure_code=got)
    known = FAILURES.get(got) if isinstance(got, int) else None
    fact, because = known if known is not None else ("failed", "")
    return reported(row.get("callid"), (fact, f"{said} {because}".strip()))
