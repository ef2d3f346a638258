"""Which outside sign-ins are set up: the tables of `sign-in.toml` in the data folder.

[county]
kind = "oidc"
title = ["市统一认证", "City sign-in"]
issuer = "https://…"
client_id = "…"
client_secret = "…"
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.console.outside.dingtalk import DingTalk
from bihuan.console.outside.flow import Provider
from bihuan.console.outside.oidc import Oidc
from bihuan.console.outside.wecom import WeComScan
from bihuan.console.outside.zhezhengding import ZheZhengDingScan
from bihuan.loop.providers.provider import Secret
from bihuan.loop.providers.sender import is_allowed

FILE = "sign-in.toml"
# kind → what makes it, fields that must be there, addresses that may be
KINDS: Final[dict[str, tuple[Any, tuple[str, ...], tuple[str, ...]]]] = {
    "oidc": (Oidc, ("issuer", "client_id", "client_secret"), ()),
    "dingtalk": (DingTalk, ("client_id", "client_secret"), ("login", "endpoint")),
    "wecom": (WeComScan, ("corp_id", "corp_secret", "agent_id"), ("login", "endpoint")),
    "zhezhengding": (ZheZhengDingScan, ("app_key", "app_secret"), ("login", "endpoint")),
}
ADDRESSES: Final = ("issuer", "login", "endpoint")


def offered() -> list[Provider]:
    """Every outside sign-in of this installation; a fault in the file raises BadInputError."""
    path: Path = settings.BIHUAN_DATA / FILE
    if not path.exists():
        return []
    return _read(path, path.stat().st_mtime_ns)


def provider(name: str) -> Provider | None:
    """The one of this name."""
    return next((one for one in offered() if one.name == name), None)


@lru_cache(maxsize=4)
def _read(path: Path, _changed_ns: int) -> list[Provider]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise bad(FILE, error, "TOML") from None
    faults: list[Fault] = []
    found = [_provider(name, table, faults) for name, table in tables.items()]
    if faults:
        raise BadInputError(*faults)
    return [one for one in found if one is not None]


def _provider(name: str, table: Any, faults: list[Fault]) -> Provider | None:
    """A configured provider; what is wrong with its table goes to `faults`."""
    place = f"{FILE} [{name}]"
    said = dict(table) if isinstance(table, dict) else {}
    kind, title = said.pop("kind", ""), said.pop("title", None)
    if kind not in KINDS or not name.isidentifier() or not name.isascii():
        faults.append(Fault(f"{place} kind", str(kind), " or ".join(KINDS)))
        return None
    make, needed, allowed = KINDS[kind]
    found = list(_faults(place, title, said, (needed, allowed)))
    if found:
        faults += found
        return None
    hidden = {f: Secret(text) if f.endswith("secret") else text for f, text in said.items()}
    made: Provider = make(name=name, title=(title[0], title[1]), **hidden)
    return made


def _faults(
    place: str, title: Any, said: dict[str, Any], fields: tuple[tuple[str, ...], tuple[str, ...]]
) -> Iterator[Fault]:
    needed, allowed = fields
    if not (isinstance(title, list) and len(title) == 2 and all(isinstance(t, str) for t in title)):
        yield Fault(f"{place} title", str(title), 'two texts: ["中文", "English"]')
    for field in needed:
        if not isinstance(said.get(field), str) or not said[field]:
            yield Fault(f"{place} {field}", "nothing", "a text")
    for field in said.keys() - {*needed, *allowed}:
        yield Fault(f"{place} {field}", "a field", " ".join((*needed, *allowed)))
    for field in said.keys() & set(ADDRESSES):
        if not is_allowed(str(said[field])):
            yield Fault(f"{place} {field}", str(said[field]), "https")
