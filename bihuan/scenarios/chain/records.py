"""What is kept: firms, appeals, letters, legs, passes, supplies, meetings, published figures."""

from __future__ import annotations

from bihuan.register.scheme import Scheme
from bihuan.scenarios.chain import appeals, published
from bihuan.scenarios.chain.firms import DESK, FIRM, FIRM_PEOPLE, OFFICIALS, SUPPLY
from bihuan.scenarios.chain.refusals import SAYS

SCHEME = Scheme(
    scenario="chain",
    subjects=(FIRM,),
    records=(
        appeals.APPEAL,
        appeals.LEG,
        appeals.LETTER,
        appeals.PASS,
        SUPPLY,
        published.PUBLISHED,
        published.MEETING,
        published.NEED,
        published.OFFER,
        published.SIGNING,
    ),
    editors={
        "firm": (*DESK, "chain_leader"),
        "supply": (*FIRM_PEOPLE, *OFFICIALS),
        **appeals.EDITORS,
        **published.EDITORS,
    },
    says=SAYS,
)
