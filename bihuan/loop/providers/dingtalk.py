"""DingTalk: work notices (asyncsend_v2, getsendresult) and DING by app, SMS or phone.

Verified: asyncsend_v2 and "success does not mean received" (open-doc.dingtalk.com pgoxpy),
getsendresult's lists (developer.alibaba.com apiId 37024), error codes 143103 to 1430004, the
same text only once a day to one person, errcode 88 with sub_code, `/gettoken`; DING: request,
openDingId, failedList and its error table (open.dingtalk.com robot-sends-nail-message, 2026).
[unverified] `/v1.0/oauth2/accessToken` field names and the body of a gateway throttle, from
memory. DING has no receipt: nothing beyond `accepted` can be proved by it.
"""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.base.time import CHINA, datetime_of
from bihuan.loop.channels import Told
from bihuan.loop.providers.app_token import JSON, posted, read_errcode, token_asked, with_token
from bihuan.loop.providers.carrier import Asked
from bihuan.loop.providers.provider import (
    Errand,
    Outcome,
    Reason,
    Refused,
    Reply,
    Request,
    Secret,
    Taken,
    Throttled,
    Token,
    Unclear,
    evidence,
)
from bihuan.loop.providers.reading import Codes, Fields, json_object, read_json, read_token

NOTICE, DING = "dingtalk", "ding"
# the last four are limits a day and person: waiting a moment does not help, but nothing is wrong
THROTTLES = frozenset({"143103", "143104", "143203", "143204", "143105", "143205", "90018"})
REASONS: dict[str, Reason] = {
    "143106": "content",  # the same text twice in a day
    "143206": "content",
    "1430000": "wrong_address",
    "1430002": "content",
    "1430004": "blacklisted",
    "33012": "wrong_address",
    "40001": "token",
    "40003": "wrong_address",
    "40014": "token",
    "42001": "token",
    "60011": "credentials",
}
DING_REASONS: dict[str, Reason] = {
    "miss.staffId": "wrong_address",
    "invalid.chatbotId": "credentials",
    "ding.serverquota.insufficient": "no_balance",
    "InvalidAuthentication": "token",
}
DING_THROTTLES = frozenset({"toomuch.msg", "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"})
DING_UNCLEAR = frozenset({"send.ding.exception", "system.error"})
CODES = Codes(REASONS, THROTTLES, frozenset({"-1"}))
DING_CODES = Codes(DING_REASONS, DING_THROTTLES, DING_UNCLEAR)
MODES = {"app": 1, "sms": 2, "phone": 3}


def with_time(text: str, at_us: int) -> str:
    """The text and the time of the attempt: the same text reaches a person once a day only."""
    return f"{text}\n{datetime_of(at_us).astimezone(CHINA).strftime('%m-%d %H:%M:%S')}"


@dataclass(frozen=True, slots=True)
class DingTalkNotice:
    """Work notices of one internal application. The address is a userid."""

    app_key: str
    app_secret: Secret
    agent_id: int
    endpoint: str = "https://oapi.dingtalk.com"
    name: str = NOTICE
    ring_s: int = 0

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.app_secret,)

    def token_request(self) -> Request | None:
        secret = self.app_secret.reveal()
        return token_asked(f"{self.endpoint}/gettoken", appkey=self.app_key, appsecret=secret)

    def read_token(self, reply: Reply) -> Token | Throttled | Refused | Unclear:
        return read_token(NOTICE, reply, ("access_token", "expires_in"))

    def request(self, errand: Errand, token: Secret) -> Request:
        content = with_time(errand.text, errand.at_us)
        fields = {
            "agent_id": self.agent_id,
            "userid_list": errand.address,
            "msg": {"msgtype": "text", "text": {"content": content}},
        }
        return self._post("asyncsend_v2", fields, token)

    def _post(self, what: str, fields: Fields, token: Secret) -> Request:
        url = f"{self.endpoint}/topapi/message/corpconversation/{what}"
        return posted(with_token(url, token), fields)

    def read(self, reply: Reply, errand: Errand) -> Outcome:
        return read_json(NOTICE, reply, lambda f: read_errcode(NOTICE, f, "task_id", CODES))

    def look_up(self, asked: Asked, token: Secret) -> Request:
        return self.result_request(asked.reference, token)

    def read_look_up(self, reply: Reply, asked: Asked) -> list[Told]:
        return self.read_result(reply, asked.reference, asked.address)

    def result_request(self, task_id: str, token: Secret) -> Request:
        """Ask what became of a task; the provider answers for 24 hours."""
        fields = {"agent_id": self.agent_id, "task_id": int(task_id)}
        return self._post("getsendresult", fields, token)

    def read_result(self, reply: Reply, task_id: str, user_id: str) -> list[Told]:
        """What became of it for this person; nothing while that is not known.

        Read is evidence of delivery: whether the person took it in, nobody knows.
        """
        fields = json_object(reply.body) or {}
        result = fields.get("send_result")
        if fields.get("errcode") != 0 or not isinstance(result, dict):
            return []
        said = evidence(NOTICE, task_id=task_id)
        for name, word in (
            ("invalid_user_id_list", "wrong_address"),
            ("forbidden_user_id_list", "throttled"),
            ("failed_user_id_list", "other"),
        ):
            if user_id in (result.get(name) or ()):
                return [Told("failed", f"{word}: {said} {name}")]
        for name in ("read_user_id_list", "unread_user_id_list"):
            if user_id in (result.get(name) or ()):
                return [Told("delivered", f"{said} {name}")]
        return []


@dataclass(frozen=True, slots=True)
class DingTalkDing:
    """DING by a robot of the organisation. mode: `app`, `sms` or `phone`."""

    app_key: str
    app_secret: Secret
    robot_code: str
    mode: str = "phone"
    endpoint: str = "https://api.dingtalk.com"
    name: str = DING
    ring_s: int = 0

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.app_secret,)

    def token_request(self) -> Request | None:
        fields = {"appKey": self.app_key, "appSecret": self.app_secret.reveal()}
        return posted(f"{self.endpoint}/v1.0/oauth2/accessToken", fields)

    def read_token(self, reply: Reply) -> Token | Throttled | Refused | Unclear:
        return read_token(DING, reply, ("accessToken", "expireIn"))

    def request(self, errand: Errand, token: Secret) -> Request:
        fields = {
            "robotCode": self.robot_code,
            "remindType": MODES[self.mode],
            "receiverUserIdList": [errand.address],
            "content": with_time(errand.text, errand.at_us),
        }
        headers = {**JSON, "x-acs-dingtalk-access-token": token.reveal()}
        return posted(f"{self.endpoint}/v1.0/robot/ding/send", fields, headers)

    def read(self, reply: Reply, errand: Errand) -> Outcome:
        return read_json(DING, reply, lambda fields: self._read(fields, errand.address))

    def _read(self, fields: Fields, user_id: str) -> Outcome:
        got, message_id = fields.get("code"), fields.get("openDingId")
        if isinstance(got, str) and got:
            return DING_CODES.failure(DING, got)
        failed = fields.get("failedList")
        rows = failed.values() if isinstance(failed, dict) else ()
        if any(isinstance(row, list) and user_id in row for row in rows):
            return Refused("wrong_address", f"{evidence(DING, openDingId=message_id)} failedList")
        if isinstance(message_id, str) and message_id:
            return Taken(message_id, evidence(DING, openDingId=message_id, mode=self.mode))
        return Unclear(f"{DING}: no openDingId")
