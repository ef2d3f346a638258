"""What the services of Alibaba Cloud have in common: signed actions, `Code` and an id."""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.loop.providers.aliyun_signature import AliyunKey
from bihuan.loop.providers.provider import Outcome, Reply, Secret, Taken, Unclear, evidence
from bihuan.loop.providers.reading import Codes, Fields, read_json
from bihuan.loop.providers.signed import NoToken


@dataclass(frozen=True, slots=True)
class AliyunAdapter(NoToken):
    """An adapter whose requests are signed with an AccessKey."""

    key: AliyunKey

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.key.key_id, self.key.key_secret)


def read_action(provider: str, reply: Reply, id_field: str, codes: Codes) -> Outcome:
    """`{"Code": "OK", <id_field>: id}` is taken; any other code is a failure."""

    def read(fields: Fields) -> Outcome:
        got, message_id = fields.get("Code"), fields.get(id_field)
        if got == "OK" and isinstance(message_id, str) and message_id:
            return Taken(message_id, evidence(provider, code=got, **{id_field: message_id}))
        if got == "OK" or not isinstance(got, str):
            return Unclear(f"{evidence(provider, code=got)}, no {id_field}")
        return codes.failure(provider, got)

    return read_json(provider, reply, read)
