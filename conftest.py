"""What every test run holds to: services that are absent are named, and never absent in CI.

On PostgreSQL (BIHUAN_DATABASE set) every test that touches the database runs again, and what is
marked `both_databases` (it starts processes that do); not so the journeys in the browser, and
what is marked `sqlite_only`. The rest says nothing about a database.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tools import postgres

# a machine shared with other work is slow now and then: no property is about the seconds it takes
settings.register_profile("bihuan", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bihuan")

IS_CI = os.environ.get("CI") == "true"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")

LONGEST = ("browser", "both_databases")


@pytest.fixture(autouse=True, scope="session")
def every_scenario() -> None:
    """Installed from the start, as in a process that serves."""
    from bihuan.scenarios import load  # noqa: PLC0415 - imports Django's models

    load()
    # the grants of the register's own pages are made as this is imported
    import bihuan.console.register.reach  # noqa: F401, PLC0415


@pytest.fixture(autouse=True)
def what_was_installed(every_scenario: None) -> Iterator[None]:
    """A scenario, playbook or right that a test installs is gone after it, whatever runs next."""
    # these import Django's models, and Django is set up after this file is read
    from bihuan.figures import installed as figures  # noqa: PLC0415
    from bihuan.figures import kept as figures_kept  # noqa: PLC0415
    from bihuan.loop import playbook, scenario  # noqa: PLC0415
    from bihuan.register import rights, roles, schemes  # noqa: PLC0415

    kept: list[dict[Any, Any]] = [
        figures._figures,
        playbook._playbooks,
        playbook._by_signal,
        playbook._newest,
        scenario._scenarios,
        rights._grants,
        roles._titles,
        schemes._schemes,
        schemes._signals,
        schemes._subjects,
        schemes._records,
        schemes._routines,
    ]
    before = [dict(one) for one in kept]
    figures_kept.forget()  # each test has a database of its own
    yield
    for one, was in zip(kept, before, strict=True):
        one.clear()
        one.update(was)


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


def _longest_first(items: list[pytest.Item]) -> None:
    """Files that start a browser or processes come first: run last, one would be waited for."""
    rank: dict[str, int] = {}
    for item in items:
        found = [n for n, name in enumerate(LONGEST) if item.get_closest_marker(name) is not None]
        path = str(item.path)
        rank[path] = min([*found, rank.get(path, len(LONGEST))])
    items.sort(key=lambda item: rank[str(item.path)])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose for the database at hand, and mark what cannot run here with its reason."""
    if os.environ.get("BIHUAN_DATABASE"):
        config.hook.pytest_deselected(items=[i for i in items if not _is_for_postgres(i)])
        items[:] = [item for item in items if _is_for_postgres(item)]
    _longest_first(items)
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
