"""`bihuan bench`: every module of the folder that measures by itself stands in an area."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys

import pytest
import typer

from bihuan.base.errors import BadInputError
from bihuan.wiring.commands import bench

# the far ends that other modules start, what compares two journals by hand, and all of the rules
HELPERS = {"gateway_beside", "gateway_frames", "gateway_sender", "rules_all"}


def test_every_module_that_measures_stands_in_an_area() -> None:
    folder = bench.ROOT / "bench"
    ran = {
        path.stem
        for path in folder.glob("*.py")
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    }
    assert {module for modules in bench.AREAS.values() for module in modules} == ran - HELPERS


def test_area_that_is_none_is_refused_and_names_those_there_are() -> None:
    with pytest.raises(BadInputError, match="rules") as caught:
        bench.bench("speed")
    assert caught.value.faults[0].field == "AREA"


def test_bench_tells_the_machine_then_each_module_and_fails_with_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A module without JSON of its own is told line by line; one that fails is named."""
    ran: list[list[str]] = []

    def run(command: list[str], **given: object) -> subprocess.CompletedProcess[str]:
        ran.append(command[1:])
        is_text = given["stdout"] is not None
        return subprocess.CompletedProcess(command, int(not is_text), "9 ms\n" if is_text else None)

    monkeypatch.setattr(bench, "AREAS", {"gateway": ("gateway", "gateway_sos")})
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(platform, "processor", lambda: "x86_64")  # it runs uname
    with pytest.raises(typer.Exit) as caught:
        bench.bench("gateway", quick=True, as_json=True)
    assert caught.value.exit_code == 1
    assert ran == [
        ["-m", "bench.gateway", "--quick"],
        ["-m", "bench.gateway_sos", "--quick", "--json"],
    ]
    out, err = capfd.readouterr()
    machine, text = map(json.loads, out.splitlines())
    assert (machine["cores"], text) == (os.cpu_count(), {"module": "gateway", "text": "9 ms"})
    assert "bench.gateway_sos: failed" in err


def test_bench_as_a_command_refuses_wrong_use() -> None:
    start = "from bihuan.wiring.cli import main; main()"
    command = [sys.executable, "-c", start, "bench", "speed"]
    said = subprocess.run(command, cwd=bench.ROOT, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (2, "")
    assert "AREA" in said.stderr
