"""The command line: `bihuan --help`."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.wiring.settings")
    execute_from_command_line(["bihuan", *sys.argv[2:]])
