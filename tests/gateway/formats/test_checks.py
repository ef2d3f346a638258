"""The verdicts that the three check commands print, in exactly the words of cli.md."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bihuan.base.errors import BadInputError
from bihuan.gateway.formats import checks
from bihuan.gateway.formats.checks import CheckKind, check_file
from tests.gateway.formats.test_cap import ALERT
from tests.gateway.formats.test_fhir import heart_rate
from tests.gateway.formats.test_gbfs import FILES, header

KINDS: list[CheckKind] = ["cap", "fhir", "gbfs"]
GOOD = {
    "cap": ALERT.encode(),
    "fhir": json.dumps(heart_rate()).encode(),
    "gbfs": json.dumps(header("3.0", FILES["3.0"]["station_status"])).encode(),
}
KEYS = {
    "cap": ["file", "accepted", "faults"],
    "fhir": ["file", "accepted", "lossless", "faults"],
    "gbfs": ["file", "accepted", "faults"],
}


@pytest.mark.parametrize("kind", KINDS)
def test_check_file_accepts_a_good_file_and_prints_the_keys_of_cli_md(
    kind: CheckKind, tmp_path: Path
) -> None:
    path = tmp_path / "one"
    path.write_bytes(GOOD[kind])
    verdict = check_file(kind, path)
    assert list(verdict) == KEYS[kind]
    assert (verdict["file"], verdict["accepted"], verdict["faults"]) == (str(path), True, [])
    assert verdict.get("lossless", True) is True
    assert check_file(kind, GOOD[kind], "named")["file"] == "named"


@pytest.mark.parametrize("kind", KINDS)
def test_check_file_gives_one_clear_fault_for_what_cannot_be_read(
    kind: CheckKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = tmp_path / "big"
    big.write_bytes(b" " * 2000 + GOOD[kind])
    monkeypatch.setattr(checks, "MAX_BYTES", 1000)
    noise = b"\x89PNG\r\n\x1a\n\x00\x00"
    for source in (tmp_path / "absent", tmp_path, big, b"", noise, b"{]", b"<a>"):
        verdict = check_file(kind, source)
        faults = verdict["faults"]
        assert isinstance(faults, list)
        assert len(faults) == 1
        assert list(faults[0]) == ["field", "got", "want"]
        assert verdict["accepted"] is False
        assert verdict.get("lossless") is None


def test_check_file_bounds_the_list_and_says_so() -> None:
    stations: list[dict[str, object]] = [{} for _ in range(400)]
    verdict = check_file(
        "gbfs", json.dumps(header("3.0", {"stations": stations})).encode(), "station_status.json"
    )
    faults = verdict["faults"]
    assert isinstance(faults, list)
    assert len(faults) == 1001
    assert faults[-1]["got"] == "2400 faults"


def test_check_file_refuses_an_unknown_kind() -> None:
    with pytest.raises(BadInputError):
        check_file("hl7", b"")  # type: ignore[arg-type] # a wrong kind is what is tested
