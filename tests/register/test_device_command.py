"""`bihuan device`, as a person types it: rows on stdout, words on stderr, 2 for wrong use."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bihuan.register.models import Device, Subject
from tests.register.conftest import Kitchen

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.both_databases,
]


def test_device_commands_adopt_bind_list_and_release(
    kitchen: Kitchen, process_environment: dict[str, str]
) -> None:
    def run(*words: str) -> tuple[int, list[dict[str, object]], str]:
        done = subprocess.run(
            [sys.executable, "-m", "bihuan", "device", *words],
            env=process_environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    elder = Subject.objects.get(id=kitchen.world.people.subject)
    code, rows, told = run("adopt", "watch", "9900000009", "--subject", str(elder.id), "--json")
    assert (code, rows[0]["number"], rows[0]["subject"]) == (0, "9900000009", elder.id), told
    code, rows, told = run("release", "watch", "9900000009", "--reason", "eaten")
    assert (code, rows) == (2, [])
    assert "reason: got eaten, want returned | death" in told
    code, rows, _ = run("release", "watch", "9900000009", "--reason", "lost", "--json")
    assert (code, rows[0]["reason"]) == (0, "lost")
    assert Device.objects.get(number="9900000009").subject_id is None
    code, rows, _ = run("list", "--json")
    found = {row["number"]: (row["state"], row["health"]) for row in rows}
    assert code == 0
    assert found["9900000009"] == ("adopted", "never")
