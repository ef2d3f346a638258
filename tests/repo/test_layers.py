"""Imports point down: the contract holds here and breaks on an import that points up."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from docs.generate import layers, package_imports
from tests.repo.tracked import ROOT

LINT = (
    "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
)


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT], cwd=folder, capture_output=True, text=True, check=False
    )


def small_package(folder: Path, base: str) -> Path:
    """A package of our layers' names whose base says `base`, under our own contract."""
    shutil.copy(ROOT / "pyproject.toml", folder / "pyproject.toml")
    for name in ["", *layers()]:
        module = folder / "bihuan" / name / "__init__.py"
        module.parent.mkdir(exist_ok=True)
        module.write_text(base if name == "base" else "", encoding="utf-8")
    return folder


def test_layers_hold_in_this_repository() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


def test_layers_contract_passes_a_package_that_keeps_it(tmp_path: Path) -> None:
    result = lint(small_package(tmp_path, ""))
    assert result.returncode == 0, result.stdout + result.stderr


def test_layers_contract_breaks_on_an_import_that_points_up(tmp_path: Path) -> None:
    result = lint(small_package(tmp_path, "import bihuan.journal\n"))
    assert result.returncode == 1
    assert "bihuan.base is not allowed to import bihuan.journal" in result.stdout


def test_layers_name_every_package() -> None:
    folders = {path.parent.name for path in (ROOT / "bihuan").glob("*/__init__.py")}
    assert folders == set(layers()) == set(package_imports())


def test_layers_contract_is_the_first_of_the_settings() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["tool"]["importlinter"]["contracts"][0]["type"] == "layers"
