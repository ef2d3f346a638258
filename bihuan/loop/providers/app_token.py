"""What applications with an access token have in common: asking for it, posting JSON, `errcode`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from bihuan.loop.providers.provider import Outcome, Request, Secret, Taken, Unclear, evidence
from bihuan.loop.providers.reading import Codes, Fields

JSON = {"Content-Type": "application/json"}


def token_asked(url: str, **query: str) -> Request:
    """A GET for an access token."""
    return Request("GET", f"{url}?{urlencode(query)}")


def posted(url: str, fields: Fields, headers: Mapping[str, str] = JSON) -> Request:
    """A POST of JSON in UTF-8."""
    return Request("POST", url, headers, json.dumps(fields, ensure_ascii=False).encode())


def with_token(url: str, token: Secret) -> str:
    """An address with the access token in its query."""
    return f"{url}?{urlencode({'access_token': token.reveal()})}"


def read_errcode(provider: str, fields: Fields, id_name: str, codes: Codes) -> Outcome:
    """`{"errcode": 0, <id_name>: number above 0}` is taken; errcode 88 has its code in sub_code."""
    got, message_id = fields.get("errcode"), fields.get(id_name)
    if got == 0 and isinstance(message_id, int) and message_id > 0:
        said = evidence(provider, errcode=got, **{id_name: message_id})
        return Taken(str(message_id), said)
    if got == 0 or not isinstance(got, int):
        return Unclear(f"{evidence(provider, errcode=got)}, no {id_name}")
    return codes.failure(provider, fields.get("sub_code") if got == 88 else got)
