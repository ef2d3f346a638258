"""`python -m bihuan`: the same as the command `bihuan`."""

from bihuan.wiring.cli import main

main()
