"""A channel account from a form: fields and secrets apart, numbers read strictly."""

from __future__ import annotations

from collections.abc import Mapping

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.loop.delivery.acts import Wanted
from bihuan.loop.providers import PROVIDERS

FIELD, NUMBERS = "f-", ("rank", "lines", "hold_s")


def wanted_of(said: Mapping[str, str]) -> Wanted:
    """The account that a form wants; a secret left empty stays as it was. Raises BadInputError."""
    provider = PROVIDERS.get(said.get("provider", ""))
    if provider is None:
        raise bad("provider", said.get("provider", "") or "nothing", " or ".join(PROVIDERS))
    given = {f.name: said.get(FIELD + f.name, "").strip() for f in provider.fields}
    secret = {f.name for f in provider.fields if f.is_secret}
    rank, lines, hold_s = _numbers(said)
    return Wanted(
        account=said.get("account", "").strip(),
        provider=provider.name,
        fields={name: text for name, text in given.items() if name not in secret and text},
        secrets={name: text for name, text in given.items() if name in secret and text},
        channel=said.get("channel", ""),
        rank=rank,
        lines=lines,
        hold_s=hold_s,
        wakes=said.get("wakes") == "1",
        language="en" if said.get("language") == "en" else "zh",
    )


def _numbers(said: Mapping[str, str]) -> tuple[int, int, int]:
    presets, found, faults = {"rank": 0, "lines": 8, "hold_s": 0}, [], []
    for name in NUMBERS:
        text = said.get(name, "").strip()
        if not text:
            found.append(presets[name])
        elif text.isascii() and text.isdigit() and len(text) < 6:
            found.append(int(text))
        else:
            faults.append(Fault(name, text[:20], "a whole number"))
    if faults:
        raise BadInputError(*faults)
    return found[0], found[1], found[2]
