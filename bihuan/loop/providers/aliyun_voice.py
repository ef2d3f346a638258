"""Alibaba Cloud voice notices: SingleCallByTts, VoiceReport receipts, QueryCallDetailByCallId.

Verified: request and answer fields of SingleCallByTts, API error codes, VoiceReport (call_id,
ring_time, status_code, dtmf), VoiceCallReport (status_code 300000 carries a key), and the table
of call states 200000 to 200121 (help.aliyun.com vms: operators-receipt-error-code).
[unverified] whether a plain SingleCallByTts template collects keys in your account: the receipt
has the field, keys are collected by templates set up for it. Whether QueryCallDetailByCallId
gives the same six-digit states: its page shows `"state": "502"`; others than the table's are told
as unknown. `ProdId` 11000000300006 is the voice notice's (page of voice.getdetail).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from bihuan.loop.channels import Told
from bihuan.loop.entries import Fact
from bihuan.loop.providers.aliyun import AliyunAdapter, read_action
from bihuan.loop.providers.aliyun_signature import Action, signed
from bihuan.loop.providers.carrier import Asked
from bihuan.loop.providers.provider import (
    Errand,
    Outcome,
    Reason,
    Reply,
    Report,
    Request,
    Secret,
    evidence,
    phone_local,
    reported,
)
from bihuan.loop.providers.reading import Codes, Fields, callback_rows, json_object

NAME = "aliyun_voice"
VERSION = "2017-05-25"
PRODUCT = "11000000300006"
KEY_PRESSED = "300000"
THROTTLES = frozenset({"isv.BUSINESS_LIMIT_CONTROL", "Throttling", "Throttling.User"})
UNCLEAR = frozenset({"isp.SYSTEM_ERROR", "isv.VOICE_CALL_FAIL"})
REASONS: dict[str, Reason] = {
    "isv.MOBILE_NUMBER_ILLEGAL": "wrong_address",
    "isv.COMPLAINT_REJECT": "blacklisted",
    "isv.AMOUNT_NOT_ENOUGH": "no_balance",
    "isv.OUT_OF_SERVICE": "no_balance",
    "isv.TTS_TEMPLATE_ILLEGAL": "template",
    "isv.TEMPLATE_ILLEGAL": "template",
    "isv.TEMPLATE_PARAMS_ILLEGAL": "template",
    "isv.TEMPLATE_MISSING_PARAMETERS": "template",
    "isv.PARAM_LENGTH_LIMIT": "template",
    "isv.PARAM_NOT_SUPPORT_URL": "template",
    "isv.BLACK_KEY_CONTROL_LIMIT": "content",
    "isv.DISPLAY_NUMBER_ILLEGAL": "credentials",
    "isp.RAM_PERMISSION_DENY": "credentials",
    "isv.ACCOUNT_NOT_EXISTS": "credentials",
    "isv.ACCOUNT_ABNORMAL": "credentials",
    "isv.PRODUCT_UN_SUBSCRIPT": "credentials",
    "isv.PRODUCT_UNSUBSCRIBE": "credentials",
}
CODES = Codes(REASONS, THROTTLES, UNCLEAR)
# call state -> facts, for calls to one person; states of two-party calls are not ours
STATES: dict[str, tuple[tuple[Fact, str], ...]] = {
    "200000": (("answered", ""), ("heard", "listened to the end")),
    "200001": (("answered", "hung up before the end"),),
    "200002": (("no_answer", "busy"),),
    "200003": (("no_answer", "rang"),),
    "200004": (("failed", "wrong_address"),),
    "200005": (("no_answer", "carrier fault or declined"),),
    "200006": (("failed", "sound file"),),
    "200007": (("failed", "out of coverage"),),
    "200008": (("answered", "no key in time"),),
    "200010": (("off", "switched off"),),
    "200011": (("failed", "service suspended"),),
    "200104": (("failed", "caller restricted"),),
    "200105": (("failed", "callee restricted"),),
    "200117": (("failed", "caller number not allowed"),),
    "200118": (("failed", "not at this time of day"),),
    "200121": (("failed", "too many calls at once"),),
}


@dataclass(frozen=True, slots=True)
class AliyunVoice(AliyunAdapter):
    """Calls one number and speaks an approved template. confirm_digit: the key for "I go"."""

    tts_code: str
    show_number: str = ""
    play_times: int = 3
    confirm_digit: str = "1"
    endpoint: str = "https://dyvmsapi.aliyuncs.com"
    name: str = NAME
    ring_s: int = 0  # the provider says itself that nobody answered

    def request(self, errand: Errand, token: Secret) -> Request:
        """Raises BadInputError for a number that cannot be one. OutId holds 15 bytes at most."""
        query = {
            "CalledNumber": phone_local(errand.address),
            "TtsCode": errand.template or self.tts_code,
            "TtsParam": json.dumps(dict(errand.params), ensure_ascii=False),
            "PlayTimes": str(self.play_times),
            "OutId": errand.key[:15],
        }
        if self.show_number:
            query["CalledShowNumber"] = self.show_number
        action = Action(self.endpoint, VERSION, "SingleCallByTts")
        return signed(action, query, self.key, errand.at_us, errand.nonce)

    def read(self, reply: Reply, errand: Errand) -> Outcome:
        return read_action(NAME, reply, "CallId", CODES)

    def look_up(self, asked: Asked, token: Secret) -> Request:
        return self.detail_request(asked.reference, asked.sent_us, asked.at_us, asked.nonce)

    def read_look_up(self, reply: Reply, asked: Asked) -> list[Told]:
        return self.read_detail(reply, asked.reference)

    def detail_request(self, call_id: str, day_us: int, at_us: int, nonce: str) -> Request:
        """Ask what became of a call made on the day of day_us, µs."""
        query = {"CallId": call_id, "ProdId": PRODUCT, "QueryDate": str(day_us // 1_000)}
        action = Action(self.endpoint, VERSION, "QueryCallDetailByCallId")
        return signed(action, query, self.key, at_us, nonce)

    def read_detail(self, reply: Reply, call_id: str) -> list[Told]:
        """What the provider knows of the call; nothing while it goes on or cannot be read."""
        fields = json_object(reply.body) or {}
        if fields.get("Code") != "OK" or not isinstance(fields.get("Data"), str):
            return []
        row = json_object(fields["Data"].encode()) or {}
        if not row.get("state"):
            return []
        return list(self._report({**row, "call_id": call_id, "status_code": row["state"]}).told)

    def read_receipts(self, body: bytes) -> list[Report]:
        """VoiceReport and VoiceCallReport rows. Raises BadInputError where it is no such array.

        The push is not signed: its address must be one that nobody can guess.
        """
        rows = callback_rows(body, "an array of VoiceReport rows")
        return [self._report(row) for row in rows]

    def _report(self, row: Fields) -> Report:
        got, keys = str(row.get("status_code", "")), str(row.get("dtmf") or "")
        said = evidence(NAME, call=row.get("call_id"), state=got)
        facts: list[tuple[Fact, str]] = []
        if row.get("ring_time") and got != KEY_PRESSED:
            facts.append(("delivered", f"{said} rang"))
        if got == KEY_PRESSED or (keys and got not in STATES):
            facts.append(("answered", said))
        elif got in STATES:
            facts += [(fact, f"{said} {because}".strip()) for fact, because in STATES[got]]
        else:
            facts.append(("unknown", said))
        if keys:
            is_yes = keys[-1] == self.confirm_digit
            pressed = f"{said} {evidence('key', pressed=keys)}"
            facts.append(("confirmed" if is_yes else "answered", pressed))
        return replace(reported(row.get("call_id"), *facts), keys=keys)
