"""What this system never says: whose figure is law, which village was slow, a signal of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bihuan.scenarios.hazard import playbook
from bihuan.scenarios.hazard.figures import FIGURES
from bihuan.scenarios.hazard.limits import REVIEW, TIMES
from bihuan.scenarios.hazard.rules import RULES
from bihuan.scenarios.hazard.tests.rural import Rural

FOLDER = Path(playbook.__file__).parent
MARKS = re.compile(r"\[(V|V 2022 Opinion|S|L|L, Hubei|L, Changzhi|K)\]")
LAW = re.compile(r"法定|依法|法律规定|条例规定|statutory|by law|required by")


def test_every_time_of_another_place_is_marked_as_such() -> None:
    """10 days are Hubei's, 5 minutes Changzhi's: an example each, and the county's to replace."""
    assert (REVIEW.amount, REVIEW.unit, REVIEW.region) == (10, "d", "Hubei")
    assert "[L]" in REVIEW.source
    [review] = [clock for clock in playbook.HAZARD.clocks if clock.kind == "check"]
    assert (review.limit.days, "[L, Hubei]" in review.limit.source) == (10, True)
    for answer in (playbook.WARNING.answer, playbook.WARNING.repeat):
        assert answer is not None
        assert (answer.seconds, "[L, Changzhi]" in answer.source) == (300, True)


def test_no_figure_of_ours_is_printed_as_law() -> None:
    sources = [*(one.source for one in TIMES), *(one.source for one in RULES)]
    for book in playbook.PLAYBOOKS:
        sources += [clock.limit.source for clock in book.clocks]
        sources += [step.wait.source for step in book.ladder]
    assert sources
    assert [one for one in sources if not MARKS.search(one)] == []
    assert [one for one in sources if LAW.search(one)] == []
    shown = [path for path in FOLDER.glob("*.html") if LAW.search(path.read_text("utf-8"))]
    assert shown == []


def test_no_figure_ranks_villages_and_no_time_is_ranked_at_all() -> None:
    levels = {one.name: one.rank_level for one in FIGURES}
    assert levels
    assert {level for level in levels.values() if level} <= {"town", "county"}
    timed = [one for one in FIGURES if "minutes" in one.name]
    assert timed
    assert [one.name for one in timed if one.rank_level] == []


@pytest.mark.django_db(databases="__all__")
def test_limits_page_says_whose_the_ten_days_are(rural: Rural) -> None:
    page = rural.client("he").get("/limits/hazard.report/").content.decode()
    assert "（其他地方的规定，湖北）" in page
    assert LAW.search(page) is None
