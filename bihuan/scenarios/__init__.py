"""One folder per system of the founding texts: declarations only."""

from __future__ import annotations

import importlib
import pkgutil

from bihuan.base.errors import bad
from bihuan.loop.scenario import Scenario, install


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
        install(declared)
        found.append(declared)
    return found
