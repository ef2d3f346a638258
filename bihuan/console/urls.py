"""The console's addresses."""

from django.urls import include, path

from bihuan.console import (
    act_page,
    board,
    case_page,
    channel_push,
    demo_page,
    finding,
    more,
    pages,
    phone,
    sheets,
)
from bihuan.console.atlas import pages as atlas
from bihuan.console.audit import pages as audit
from bihuan.console.callouts import acts as callout_acts
from bihuan.console.callouts import pages as callouts
from bihuan.console.case import batch_page, chain_page, files, platforms, unseal
from bihuan.console.figures import pages as figures
from bihuan.console.limits import pages as limits
from bihuan.console.machine import pages as machine
from bihuan.console.near import pages as near
from bihuan.console.playbooks import pages as playbooks
from bihuan.console.reporting import pages as reporting
from bihuan.console.reporting import public
from bihuan.console.setup import pages as setup
from bihuan.console.shift import pages as shift
from bihuan.console.tasks import pages as tasks
from bihuan.console.warnings import pages as warnings

urlpatterns = [
    path("", board.board, name="board"),
    path("board/live", board.board_live, name="board_live"),
    path("board/feed/live", pages.board_feed, name="board_feed"),
    path("cases/", board.cases, name="cases"),
    path("cases/batch", batch_page.batch, name="batch"),
    path("cases/<int:case_id>/", case_page.case_page, name="case"),
    path("cases/<int:case_id>/live", case_page.case_live, name="case_live"),
    path("cases/<int:case_id>/act", act_page.case_act, name="case_act"),
    path("cases/<int:case_id>/proof/<str:digest>", case_page.proof_file, name="proof"),
    path("figures/", figures.figures, name="figures"),
    path("figures/export", figures.take_out, name="figures_out"),
    path("figures/<str:figure_id>/", figures.figure, name="figure"),
    path("figures/<str:figure_id>/counted", figures.counted, name="figure_rows"),
    path("figures/<str:figure_id>/publish", figures.publish, name="figure_publish"),
    path("callouts/", callouts.desk, name="call_outs"),
    path("callouts/order", callout_acts.order, name="call_out_order"),
    path("callouts/<int:call_out_id>/", callouts.one, name="call_out"),
    path("callouts/<int:call_out_id>/live", callouts.one_live, name="call_out_live"),
    path("callouts/<int:call_out_id>/over", callout_acts.over, name="call_out_over"),
    path("callouts/<int:call_out_id>/paper", callouts.paper_list, name="call_out_paper"),
    path("callouts/<int:call_out_id>/sheet", callouts.sheet_page, name="call_out_sheet"),
    path("callouts/<int:call_out_id>/sheet/<int:n>", callouts.sheet_page, name="call_out_signed"),
    path(
        "callouts/<int:call_out_id>/people/<int:callee_id>",
        callout_acts.for_person,
        name="call_out_person",
    ),
    path("warnings/", warnings.listed, name="warnings"),
    path("cases/<int:case_id>/chain", chain_page.chain_page, name="chain"),
    path("cases/<int:case_id>/platforms", platforms.platforms_page, name="platforms"),
    path("cases/<int:case_id>/platforms/send", platforms.platforms_send, name="platforms_send"),
    path("cases/<int:case_id>/unseal", unseal.unseal_page, name="unseal"),
    path("cases/<int:case_id>/unseal/do", unseal.unseal_do, name="unseal_do"),
    path("cases/<int:case_id>/documents/<int:document_id>", files.download, name="document"),
    path("report/", reporting.report_page, name="report_matter"),
    path("open/report/", reporting.open_report, name="open_report"),
    path("near/<str:token>/", near.near_page, name="near"),
    path("near/<str:token>/say", near.near_say, name="near_say"),
    path("near/<str:token>/end", near.near_end, name="near_end"),
    path("open/figures/", public.open_figures, name="open_figures"),
    path("open/status/", reporting.status, name="open_status"),
    path("push/<str:account>/<str:token>", channel_push.push, name="channel_push"),
    path("live", pages.live, name="live"),
    path("listening", pages.listening, name="listening"),
    path("phone/<str:token>/", phone.phone, name="phone"),
    path("phone/<str:token>/live", phone.phone_live, name="phone_live"),
    path("phone/<str:token>/act", phone.phone_act, name="phone_act"),
    path("search", finding.search, name="search"),
    path("sheets/<str:kind_name>/in", sheets.sheet_in, name="sheet_in"),
    path("sheets/<str:kind_name>/out", sheets.sheet_out, name="sheet_out"),
    path("sheets/staged/<int:staged_id>/", sheets.staged_page, name="staged"),
    path("sheets/staged/<int:staged_id>/map", sheets.staged_map, name="staged_map"),
    path("sheets/staged/<int:staged_id>/publish", sheets.staged_publish, name="staged_publish"),
    path("map/", atlas.map_page, name="map"),
    path("wall/", atlas.wall, name="wall"),
    path("wall/live", atlas.wall_live, name="wall_live"),
    path("demo/", demo_page.demo, name="demo"),
    path("demo/press", demo_page.demo_press, name="demo_press"),
    path("", include("bihuan.console.tuning.urls")),
    path("cases/<int:case_id>/report/", shift.report_draft, name="report_draft"),
    path("cases/<int:case_id>/report/sign", shift.report_sign, name="report_sign"),
    path("shift/", shift.log, name="shift"),
    path("shift/write", shift.log_write, name="log_write"),
    path("shift/handovers/", shift.handovers, name="handovers"),
    path("shift/handovers/offer", shift.handover_offer, name="handover_offer"),
    path("shift/handovers/<int:handover_id>/", shift.handover, name="handover"),
    path("shift/handovers/<int:handover_id>/accept", shift.handover_accept, name="handover_accept"),
    path("shift/reports/", shift.reports, name="reports"),
    path("shift/reports/<int:report_id>/", shift.report, name="report"),
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/live", tasks.tasks_live, name="tasks_live"),
    path("tasks/do", tasks.tasks_do, name="tasks_do"),
    path("inbox/", tasks.inbox, name="inbox"),
    path("playbooks/", playbooks.playbooks, name="playbooks"),
    path("playbooks/<str:key>/", playbooks.playbook, name="playbook"),
    path("first-run/", setup.first_run, name="first_run"),
    path("first-run/<str:what>", setup.first_run_do, name="first_run_do"),
    path("readiness/", setup.readiness, name="readiness"),
    path("limits/", limits.limits, name="limits"),
    path("limits/days/", limits.working_days, name="working_days"),
    path("limits/<str:name>/", limits.limits_of, name="limits_of"),
    path("settings/", machine.settings, name="settings"),
    path("settings/<str:what>", machine.settings_do, name="settings_do"),
    path("audit/", audit.audit, name="audit"),
    path("audit/verify", audit.audit_verify, name="audit_verify"),
    path("audit/<str:tab>/", audit.audit, name="audit_tab"),
    path("more/", more.more, name="more"),
    path("", include("bihuan.console.field.urls")),
    path("", include("bihuan.console.press.urls")),
    path("", include("bihuan.console.shows.urls")),
    path("", include("bihuan.console.signin.urls")),
    path("", include("bihuan.console.register.urls")),
]
