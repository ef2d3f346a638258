"""Alibaba Cloud's signature V3 (ACS3-HMAC-SHA256) for RPC actions.

Verified: help.aliyun.com and alibabacloud.com "V3 request structure and signature" (RunInstances
example): both published signatures are reproduced in the tests.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from bihuan.base.time import SECOND_US, rfc3339
from bihuan.loop.providers.provider import Request, Secret

ALGORITHM = "ACS3-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class AliyunKey:
    key_id: Secret
    key_secret: Secret


@dataclass(frozen=True, slots=True)
class Action:
    """An RPC action of one product: where, which version, what it is called."""

    endpoint: str
    version: str
    name: str


def signed(
    action: Action, query: Mapping[str, str], key: AliyunKey, at_us: int, nonce: str
) -> Request:
    """A signed POST with all parameters in the query and an empty body. at_us: µs UTC."""
    pairs = sorted((_percent(name), _percent(text)) for name, text in query.items())
    canonical_query = "&".join(f"{name}={text}" for name, text in pairs)
    digest = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": urlsplit(action.endpoint).netloc,
        "x-acs-action": action.name,
        "x-acs-content-sha256": digest,
        "x-acs-date": rfc3339(at_us - at_us % SECOND_US),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": action.version,
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    canonical = f"POST\n/\n{canonical_query}\n{lines}\n{names}\n{digest}"
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    secret = key.key_secret.reveal().encode()
    signature = hmac.new(secret, to_sign.encode(), hashlib.sha256).hexdigest()
    headers["Authorization"] = (
        f"{ALGORITHM} Credential={key.key_id.reveal()},SignedHeaders={names},Signature={signature}"
    )
    return Request("POST", f"{action.endpoint}/?{canonical_query}", headers)


def _percent(text: str) -> str:
    return quote(text, safe="-_.~")
