"""One folder per system of the founding texts: declarations only."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.figures.installed import install as install_figures
from bihuan.loop.scenario import Scenario, install, templates_of


def load() -> list[Scenario]:
    """Find every scenario folder and install what it declares.

    A folder without a SCENARIO of the right kind stops the process, named with its file.
    """
    found = []
    for module in pkgutil.iter_modules(__path__):
        if not module.ispkg:
            continue
        name = f"{__name__}.{module.name}.scenario"
        declared = getattr(importlib.import_module(name), "SCENARIO", None)
        if not isinstance(declared, Scenario) or declared.name != module.name:
            raise bad(
                f"{module.name}/scenario.py: SCENARIO", declared, f"Scenario({module.name!r})"
            )
        faults = list(_missing(declared, Path(__path__[0]) / module.name))
        if faults:
            raise BadInputError(*faults)
        install(declared)
        install_figures(declared)
        found.append(declared)
    return found


def _missing(declared: Scenario, folder: Path) -> Iterator[Fault]:
    """Templates that it names and that are no files of its folder."""
    for name in templates_of(declared):
        if not (folder / name).is_file():
            yield Fault(f"{declared.name}/{name}", "no such file", "a template in the folder")
