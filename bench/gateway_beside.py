"""Heavy work beside the gateway, over and over until killed: for `bench.gateway_sos`.

python -m bench.gateway_beside archive|rebuild
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

if __name__ == "__main__":  # before anything that needs the settings
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.wiring.settings")
    import django

    django.setup()

from django.conf import settings

from bihuan.base.time import SystemClock
from bihuan.journal import archive, rebuild
from bihuan.scenarios import load


def main() -> None:
    load()
    while True:
        if sys.argv[1] == "rebuild":
            rebuild.check()
        else:
            archive.close_days(SystemClock())
            shutil.rmtree(Path(settings.BIHUAN_DATA) / "archive", ignore_errors=True)


if __name__ == "__main__":
    main()
