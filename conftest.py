"""What every test run holds to: services that are absent are named, and never absent in CI.

On PostgreSQL (BIHUAN_DATABASE set) every test that touches the database runs again, and what is
marked `both_databases` (it starts processes that do); not so the journeys in the browser, and
what is marked `sqlite_only`. The rest says nothing about a database.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest

from tools import postgres

IS_CI = os.environ.get("CI") == "true"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def _no_postgres() -> str:
    return postgres.server()[1]


def _no_chromium() -> str:
    found = any(shutil.which(name) for name in CHROMIUM)
    return "" if found else f"chromium: got none, want one of {', '.join(CHROMIUM)} on the PATH"


def _no_mosquitto() -> str:
    found = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
    return "" if found else "mosquitto: got none, want the broker on the PATH or in /usr/sbin"


# marker -> why it cannot run here ("" where it can)
SERVICES: dict[str, Callable[[], str]] = {
    "postgres": _no_postgres,
    "browser": _no_chromium,
    "mosquitto": _no_mosquitto,
}


def _is_for_postgres(item: pytest.Item) -> bool:
    """Whether a test is to hold on PostgreSQL too."""
    if any(item.get_closest_marker(name) for name in ("browser", "sqlite_only")):
        return False
    if any(item.get_closest_marker(name) for name in ("both_databases", "django_db")):
        return True
    return not {"db", "transactional_db"}.isdisjoint(getattr(item, "fixturenames", ()))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose for the database at hand, and mark what cannot run here with its reason."""
    if os.environ.get("BIHUAN_DATABASE"):
        config.hook.pytest_deselected(items=[i for i in items if not _is_for_postgres(i)])
        items[:] = [item for item in items if _is_for_postgres(item)]
    for marker, reason_of in SERVICES.items():
        needing = [item for item in items if item.get_closest_marker(marker) is not None]
        reason = reason_of() if needing else ""
        if reason and IS_CI:
            raise pytest.UsageError(f"{reason} (in CI nothing is skipped)")
        for item in needing if reason else ():
            item.add_marker(pytest.mark.skip(reason=reason))
    if not os.environ.get("BIHUAN_TEST_LONG"):
        for item in items:
            if item.get_closest_marker("long") is not None:
                item.add_marker(pytest.mark.skip(reason="long: run by dev.py test --long"))
