"""`bihuan bench`: the figures of an area, measured here, each beside what it is compared with."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer

import bihuan
from bihuan.base.errors import bad
from bihuan.wiring.commands.output import print_json, say

ROOT: Final = Path(bihuan.__file__).parents[1]
# area → modules of the folder `bench`, each a process of its own; every one describes itself
AREAS: Final = {
    "callout": ("callout",),
    "chain": ("chain",),
    "console": ("console",),
    "figures": ("figures",),
    "gateway": ("gateway", "gateway_intake", "gateway_sos"),
    "import": ("import_sos",),
    "journal": ("journal",),
    "loop": ("loop",),
    "press": ("press",),
    "records": ("records",),
    "rules": ("rules", "rules_kinds", "rules_wide", "rules_baseline"),
    "search": ("search",),
}


def bench(
    area: Annotated[str, typer.Argument(help=f"One of {', '.join(AREAS)}; none = all.")] = "",
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer readings, rows or clients.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Figures as ratios with their pair, and the machine; fails where two ways differ."""
    if area and area not in AREAS:
        raise bad("AREA", area, f"one of {', '.join(AREAS)}")
    if not (ROOT / "bench").is_dir():
        raise bad(
            "bench", "an installed package", "a copy of the repository, with its folder bench"
        )
    _tell_machine(as_json=as_json)
    failed = [
        module
        for name in ([area] if area else AREAS)
        for module in AREAS[name]
        if not _measured(module, quick=quick, as_json=as_json)
    ]
    for module in failed:
        say(f"bench.{module}: failed")
    if failed:
        raise typer.Exit(1)


def _tell_machine(*, as_json: bool) -> None:
    found: dict[str, Any] = {
        "machine": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }
    if as_json:
        print_json(found)
    else:
        say(", ".join(f"{name} {value}" for name, value in found.items()))


def _measured(module: str, *, quick: bool, as_json: bool) -> bool:
    """Run one module; True = it ended well. What has no JSON of its own is told as text."""
    text = (ROOT / "bench" / f"{module}.py").read_text(encoding="utf-8")
    command = [sys.executable, "-m", f"bench.{module}"]
    command += ["--quick"] if quick and '"--quick"' in text else []
    is_text = as_json and '"--json"' not in text
    command += ["--json"] if as_json and not is_text else []
    say(f"bench.{module}")
    ran = subprocess.run(  # noqa: S603 - our own modules, by the table above
        command, cwd=ROOT, check=False, text=True, stdout=subprocess.PIPE if is_text else None
    )
    for line in (ran.stdout or "").splitlines():
        print_json({"module": module, "text": line})
    return ran.returncode == 0


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(bench)
