"""一链通 / Company appeals and supply chain: what this folder declares."""

from __future__ import annotations

from bihuan.loop.scenario import Scenario
from bihuan.loop.shows import Notice, Overview, Panel, Sheet
from bihuan.scenarios.chain import facts, supply
from bihuan.scenarios.chain.demo import populate, story
from bihuan.scenarios.chain.figures import FIGURES
from bihuan.scenarios.chain.firms import FIRM_PEOPLE, OFFICIALS
from bihuan.scenarios.chain.playbook import APPEAL
from bihuan.scenarios.chain.records import SCHEME

SCENARIO = Scenario(
    name="chain",
    title=("一链通", "Company appeals"),
    subjects={"firm": ("企业", "Firm")},
    signals={"appeal": ("诉求", "Appeal")},
    roles={
        "family": ("企业联系人", "The firm's contact"),
        "chain_clerk": ("一链通专窗", "Appeals desk"),
        "chain_liaison": ("挂联干部", "Named liaison"),
        "chain_leader": ("专班负责人", "Task team leader"),
    },
    playbooks=(APPEAL,),
    scheme=SCHEME,
    figures=FIGURES,
    panels=(
        Panel(
            on="case",
            kind="appeal",
            title=("诉求内容", "What is appealed for"),
            facts=facts.case_panel,
        ),
    ),
    sheets=(
        Sheet(
            name="firm",
            on="subject",
            kind="firm",
            title=("一企一页", "One firm on one page"),
            facts=facts.firm_sheet,
            template="firm.html",
        ),
        Sheet(
            name="map",
            on="subject",
            kind="firm",
            title=("供应关系图", "Supply map"),
            facts=supply.firm_map,
            template="map.html",
            roles=OFFICIALS,
        ),
        Sheet(
            name="pass",
            on="record",
            kind="pass",
            title=("车辆通行证", "Vehicle pass"),
            facts=facts.pass_sheet,
            template="pass.html",
            opens=True,
            roles=(*OFFICIALS, *FIRM_PEOPLE),
        ),
    ),
    overviews=(
        Overview(
            name="supply",
            title=("断供推演", "If a supplier stops"),
            facts=supply.supply_map,
            template="supply.html",
            roles=OFFICIALS,
        ),
        Overview(
            name="board",
            title=("诉求总览", "Appeals at a glance"),
            facts=facts.board,
            template="board.html",
            roles=OFFICIALS,
        ),
    ),
    notices=(
        Notice(
            name="stock",
            title=("请更新库存", "Please count the stock"),
            subject="firm",
            to="family",
            at="09:00",
            text=facts.stock_is_old,
        ),
    ),
    grants={
        "chain_clerk": ("see", "edit", "export"),
        "chain_liaison": ("see",),
        "chain_leader": ("see", "edit", "export", "review"),
    },
    demo=populate,
    story=story,
)
