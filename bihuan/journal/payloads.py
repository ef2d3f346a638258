"""The registry of entry types: typed, versioned, never edited.

A type's name ends in its version (`case.opened.v1`). A new version is a new type; the old one
stays and gets a pure upcaster, so that every entry ever written is read as the newest type.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from bihuan.base.errors import bad

_NAME = re.compile(r"[a-z_]+(\.[a-z_]+)+\.v[1-9]\d*")


class Payload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an entry says. Field types are checked when it is read.

    Subclasses repeat `frozen=True, kw_only=True`: type checkers do not inherit them.
    """


P = TypeVar("P", bound=Payload)
Old = TypeVar("Old", bound=Payload)

_types: dict[str, type[Payload]] = {}
_names: dict[type[Payload], str] = {}
_upcasters: dict[type[Payload], Callable[[Any], Payload]] = {}
_encoder = msgspec.json.Encoder(order="deterministic")
_decoders: dict[str, msgspec.json.Decoder[Payload]] = {}


def entry_type(name: str) -> Callable[[type[P]], type[P]]:
    """Register a payload class under its permanent name."""

    def register(cls: type[P]) -> type[P]:
        if not _NAME.fullmatch(name):
            raise bad("entry type", name, "words.and.dots.v1")
        if name in _types:
            raise bad("entry type", name, "a name that is not taken")
        _types[name] = cls
        _names[cls] = name
        return cls

    return register


def upcasts(old: type[Old]) -> Callable[[Callable[[Old], P]], Callable[[Old], P]]:
    """Register the pure function that reads an old type as the next one."""

    def register(function: Callable[[Old], P]) -> Callable[[Old], P]:
        if old in _upcasters:
            raise bad("upcaster", name_of(old), "one upcaster for each old type")
        _upcasters[old] = function
        return function

    return register


def name_of(cls: type[Payload]) -> str:
    """The permanent name of a payload class."""
    try:
        return _names[cls]
    except KeyError:
        raise bad("payload", cls.__name__, "a class marked with @entry_type") from None


def encode(payload: Payload) -> tuple[str, bytes]:
    """Name and bytes of a payload; only the newest version of a type may be written."""
    cls = type(payload)
    if cls in _upcasters:
        raise bad("payload", name_of(cls), "the newest version of this type")
    return name_of(cls), _encoder.encode(payload)


def decode(name: str, body: bytes) -> Payload:
    """The payload of stored bytes, read as the newest version of its type."""
    decoder = _decoders.get(name)
    if decoder is None:
        if name not in _types:
            raise bad("entry type", name, "a type of this release")
        decoder = msgspec.json.Decoder(_types[name])
        _decoders[name] = decoder
    payload = decoder.decode(body)
    while (upcast := _upcasters.get(type(payload))) is not None:
        payload = upcast(payload)
    return payload


def known_types() -> dict[str, type[Payload]]:
    """Every registered type by name."""
    return dict(_types)
