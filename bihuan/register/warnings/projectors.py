"""Entries about official warnings become rows."""

from __future__ import annotations

import msgspec

from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register.warnings import entries
from bihuan.register.warnings.models import STANDING, OfficialWarning, WarningMention

NOTHING = entries.WarningInfo(
    language="",
    categories=[],
    event="",
    urgency="",
    severity="",
    certainty="",
    sender_name=None,
    headline=None,
    description=None,
    instruction=None,
    effective_us=None,
    onset_us=None,
    expires_us=None,
    parameters=[],
    areas=[],
)


def shown_info(infos: list[entries.WarningInfo]) -> entries.WarningInfo:
    """The info that lists show: the first in Chinese, else the first; an empty one of none."""
    chinese = [info for info in infos if info.language.lower().startswith("zh")]
    return (chinese or infos or [NOTHING])[0]


def expires_us(infos: list[entries.WarningInfo]) -> int | None:
    """When nothing of the message applies any longer; None where one part says no end."""
    ends = [info.expires_us for info in infos]
    return max(end for end in ends if end is not None) if ends and None not in ends else None


@projects(entries.WarningReceived)
def warning_received(rows: Rows, entry: Recorded[entries.WarningReceived]) -> None:
    said = entry.payload
    info = shown_info(said.infos)
    rows.new(
        OfficialWarning,
        id=entry.id(),
        reference=said.said.text,
        sender=said.said.sender,
        identifier=said.said.identifier,
        sent_us=said.said.sent_us,
        status=said.status,
        msg_type=said.msg_type,
        change=said.change,
        event=info.event,
        severity=info.severity,
        urgency=info.urgency,
        certainty=info.certainty,
        sender_name=info.sender_name,
        headline=info.headline,
        description=info.description,
        instruction=info.instruction,
        onset_us=info.onset_us,
        expires_us=expires_us(said.infos),
        infos=msgspec.json.encode(said.infos).decode(),
        document=said.document,
        source=said.source,
        received_us=entry.recorded_us,
        state=STANDING if said.msg_type in ("Alert", "Update") else "message",
        ended_us=None,
        ended_by=None,
    )
    for n, meant in enumerate(said.references):
        rows.new(WarningMention, id=entry.id(n), reference=meant.text, warning_id=entry.id())


@projects(entries.WarningEnded)
def warning_ended(rows: Rows, entry: Recorded[entries.WarningEnded]) -> None:
    said = entry.payload
    warning = rows.change(OfficialWarning, said.warning_id)
    warning.state = said.how
    warning.ended_by = said.by_id
    warning.ended_us = entry.recorded_us
