"""Every command of `bihuan`, by topic. Only the topic that is asked for is imported."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Annotated, Final

import typer

# module → the words it answers to; kernels and readers of other topics are not even imported
TOPICS: Final = {
    "run": (
        "demo",
        "serve",
        "engine",
        "rules",
        "keeper",
        "watchdog",
        "gateway",
        "web",
        "simulator",
        "broker",
    ),
    "decode": ("decode",),
    "journal": ("journal", "rebuild"),
    "admin": ("county", "channel", "time", "doctor", "manage"),
    "users": ("user", "key"),
    "senders": ("sender",),
    "exchange": ("exchange",),
    "devices": ("device",),
    "checks": ("cap", "fhir", "gbfs", "press"),
    "backtest": ("backtest",),
    "bench": ("bench",),
    "sheets": ("import", "export"),
    "keeping": ("retention", "consent-age"),
    "tls": ("tls",),
    "operations": ("backup", "restore", "erase", "archive"),
}


def common(
    data: Annotated[
        Path | None, typer.Option(help="The data folder (else BIHUAN_DATA, else ./data).")
    ] = None,
) -> None:
    """Nothing reported is left unanswered. 闭环：件件有回音。"""
    # `data` was read before Django's settings were


def build(words: list[str]) -> typer.Typer:
    """The command line for these words: the topic that one of them names, else every topic."""
    app = typer.Typer(
        name="bihuan", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False
    )
    app.callback()(common)
    wanted = [topic for topic, known in TOPICS.items() if set(known) & set(words)]
    for topic in wanted or TOPICS:
        importlib.import_module(f"{__name__}.{topic}").add_to(app)
    return app
