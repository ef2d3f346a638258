"""Tencent Cloud's signature v3 (TC3-HMAC-SHA256) for JSON actions.

Verified: tencentcloud.com "Signature v3" (DescribeInstances example), whose published signature
is reproduced in the tests.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bihuan.base.time import SECOND_US, datetime_of
from bihuan.loop.providers.provider import Request, Secret

ALGORITHM = "TC3-HMAC-SHA256"
CONTENT_TYPE = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class TencentKey:
    secret_id: Secret
    secret_key: Secret


@dataclass(frozen=True, slots=True)
class Action:
    """An action of one product; service is the first word of the provider's host."""

    endpoint: str
    service: str
    version: str
    name: str
    region: str = ""


def signed(action: Action, fields: Mapping[str, Any], key: TencentKey, at_us: int) -> Request:
    """A signed POST of a JSON body. at_us: µs UTC; the provider allows 5 minutes of difference."""
    body = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    host = urlsplit(action.endpoint).netloc
    headers = {
        "Content-Type": CONTENT_TYPE,
        "Host": host,
        "Authorization": authorization(action.service, host, body, key, at_us),
        "X-TC-Action": action.name,
        "X-TC-Version": action.version,
        "X-TC-Timestamp": str(at_us // SECOND_US),
    }
    if action.region:
        headers["X-TC-Region"] = action.region
    return Request("POST", f"{action.endpoint}/", headers, body)


def authorization(service: str, host: str, body: bytes, key: TencentKey, at_us: int) -> str:
    """The Authorization header over content-type and host, the two that must be signed."""
    names = "content-type;host"
    digest = hashlib.sha256(body).hexdigest()
    canonical = f"POST\n/\n\ncontent-type:{CONTENT_TYPE}\nhost:{host}\n\n{names}\n{digest}"
    day = datetime_of(at_us).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    canonical_digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"{ALGORITHM}\n{at_us // SECOND_US}\n{scope}\n{canonical_digest}"
    derived = f"TC3{key.secret_key.reveal()}".encode()
    for part in (day, service, "tc3_request"):
        derived = _hmac(derived, part)
    signature = _hmac(derived, to_sign).hex()
    credential = f"{key.secret_id.reveal()}/{scope}"
    return f"{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
