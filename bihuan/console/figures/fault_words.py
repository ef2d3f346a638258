"""Why a period was not published, in the reader's language."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bihuan.base.errors import Fault

_FIELDS: Final = {"period": _("期间"), "reason": _("更正理由")}
_WANTS: Final = (
    (r"a period that is over", _("已经结束的期间")),
    (
        r"a period with records: they begin (.+)",
        _("有记录的期间；记录自 %s 起才有，之前的零不是数出来的，不能发布"),
    ),
    (r"at most (\d+) characters", _("不超过 %s 个字")),
    (r"why version (\d+) is corrected", _("写明为什么更正第 %s 版")),
    (r"figures that differ from version (\d+)", _("和第 %s 版不同的指标值")),
)


def in_words(fault: Fault) -> str:
    """Field, what was got and what is wanted; as it stands where there is no word for it."""
    field = str(_FIELDS.get(fault.field, fault.field))
    got = gettext("空") if fault.got == "nothing" else fault.got
    for pattern, said in _WANTS:
        found = re.fullmatch(pattern, fault.want)
        if found is not None:
            want = str(said) % found.groups() if found.groups() else str(said)
            return gettext("%(field)s：填的是 %(got)s，需要%(want)s") % {
                "field": field, "got": got, "want": want,
            }  # fmt: skip
    return str(fault)
