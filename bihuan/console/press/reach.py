"""Where a request may see or edit what others published: the person's rights, cut by a key."""

from __future__ import annotations

from django.http import HttpRequest

from bihuan.console.visit import key_behind, rights_of
from bihuan.figures.published.rights import FIGURES
from bihuan.register.rights import Verb


def paths(request: HttpRequest, verb: Verb) -> list[str]:
    """Paths of areas; none for a stranger, and none for a key made for some scenarios only."""
    held, key = rights_of(request).paths(FIGURES, verb), key_behind(request)
    if key is None:
        return held
    if key.scenarios:
        return []
    cut = [max(path, key.path, key=len) for path in held if _overlap(path, key.path)]
    return sorted(set(cut))


def may(request: HttpRequest, verb: Verb, path: str) -> bool:
    """Whether the verb is allowed at an area's path."""
    return any(path.startswith(above) for above in paths(request, verb))


def _overlap(path: str, within: str) -> bool:
    return path.startswith(within) or within.startswith(path)
