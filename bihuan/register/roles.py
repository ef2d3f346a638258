"""The words of roles: what a sheet calls 村值班 is `village_duty`."""

from __future__ import annotations

from collections.abc import Mapping

from bihuan.register.scheme import Words

_titles: dict[str, Words] = {"registrar": ("登记员", "Registrar")}


def know(roles: Mapping[str, Words]) -> None:
    """Take a scenario's roles; a role of two scenarios keeps the words of the first."""
    for role, title in roles.items():
        _titles.setdefault(role, title)


def role_of(text: str) -> str | None:
    """The role with this name or title; None where no scenario declares it."""
    wanted = text.strip().casefold()
    for role, title in _titles.items():
        if wanted in (role.casefold(), *(word.casefold() for word in title)):
            return role
    return None


def titles() -> dict[str, Words]:
    """Every known role with its words (zh, en)."""
    return dict(_titles)
