"""How state machines are run: a few fixed examples each time, or new ones for so long."""

from __future__ import annotations

import time
from typing import Final

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

LONG_CPU_S: Final = 75.0  # each of three machines: the long run ends within five minutes
_BATCH = 1  # the last example begun is finished: a long one costs no others beside it


def keeps(
    machine: type[RuleBasedStateMachine], examples: int, steps: int, *, is_fixed: bool = True
) -> None:
    """Run it. is_fixed: the same examples each time; else new ones, with what brings them back."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=is_fixed,
            print_blob=True,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def keeps_for(machine: type[RuleBasedStateMachine], steps: int, cpu_s: float = LONG_CPU_S) -> int:
    """New examples until so much CPU is spent; how many there were."""
    until, ran = time.process_time() + cpu_s, 0
    while time.process_time() < until:
        keeps(machine, _BATCH, steps, is_fixed=False)
        ran += _BATCH
    return ran
