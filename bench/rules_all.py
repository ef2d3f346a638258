"""Every figure of the rules with one command, each module in a fresh process, and the machine.

python -m bench.rules_all [--quick]
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys

MODULES = {
    "bench.rules": True,  # whether it knows --quick
    "bench.rules_kinds": True,
    "bench.rules_wide": True,
    "bench.rules_baseline": False,
}


def main() -> None:
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for module, knows_quick in MODULES.items():
        asked = [word for word in sys.argv[1:] if knows_quick or word != "--quick"]
        load = " ".join(f"{part:.1f}" for part in os.getloadavg())
        print(f"{module}: load {load} before", flush=True)
        subprocess.run([sys.executable, "-m", module, *asked], check=True)


if __name__ == "__main__":
    main()
