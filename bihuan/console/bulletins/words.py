"""Words of bulletins; Chinese is the source."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

KINDS = {"monthly": _("月报"), "special": _("专报")}
FAULTS = {
    "period": _("请写期间，如 2026-07 或 2026-01..2026-07"),
    "title_zh": _("请写中文标题，不带数字和“最高”之类的话"),
    "title_en": _("请写英文标题，不带数字和“最高”之类的话"),
    "figures": _("有指标已变化或查不到，请再看一遍并保存"),
    "release": _("发布时间要在三个月内，写作 2026-03-02T08:00"),
    "reason": _("请写明原因，最多 500 字"),
    "second": _("写的人不能自己发布，请另一人发布"),
    "bulletin": _("这份简报已撤回"),
}
FACES = {"zh": _("中文"), "en": _("英文")}
UNBOUND = _("有的数没有和指标绑定")
TOUCHED = _("绑定的数被改动了，数只能随指标变")
CLAIM = _("“最高、新高”之类的话要有系列支持")
QUOTED = _("简报不引用讲话")
MISSING = _("两种语言的数要一致")
