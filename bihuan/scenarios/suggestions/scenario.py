"""协商建议办理 / Handling of suggestions: what this folder declares."""

from __future__ import annotations

from bihuan.loop.scenario import Scenario
from bihuan.scenarios.suggestions.demo import populate, story
from bihuan.scenarios.suggestions.playbook import DECISION, INSTRUCTION, SUGGESTION

SCENARIO = Scenario(
    name="suggestions",
    title=("协商建议办理", "Suggestions"),
    subjects={},
    signals={
        "suggestion": ("建议", "Suggestion"),
        "instruction": ("批示", "Instruction"),
        "decision": ("会议决定", "Meeting decision"),
    },
    roles={
        "department": ("承办单位", "Department"),
        "proposals_office": ("建议交办室", "Proposals office"),
        "county_leader": ("分管领导", "Leader in charge"),
    },
    # two of these agree before a sealed name is read; never who has the case in hand
    grants={"proposals_office": ("unseal",), "county_leader": ("unseal",)},
    playbooks=(SUGGESTION, INSTRUCTION, DECISION),
    demo=populate,
    story=story,
)
