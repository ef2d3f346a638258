"""Every word that a rule's page may need is there, in both languages."""

from __future__ import annotations

import pytest
from django.utils import translation

from bihuan.console.tuning import words
from bihuan.rules.channels import UNIT_OF
from bihuan.rules.kinds import CHOICES, KINDS


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_kind_parameter_choice_and_channel_has_its_word(language: str) -> None:
    names = {parameter.name for kind in KINDS.values() for parameter in kind.parameters}
    choices = {choice for sort, found in CHOICES.items() if sort != "channel" for choice in found}
    with translation.override(language):
        for known, wanted in (
            (words.PARAMETERS, names),
            (words.PLAIN | words.CHANNELS, choices),
            (words.CHANNELS, set(UNIT_OF)),
            (words.MEANINGS, set(KINDS)),
        ):
            assert not wanted - known.keys()
            for one in wanted:
                is_chinese = any("\u4e00" <= sign <= "\u9fff" for sign in str(known[one]))
                assert is_chinese == (language == "zh-hans"), one
