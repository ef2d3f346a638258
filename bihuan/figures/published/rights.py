"""Who may see, confirm and take out what others published, write bulletins and release them."""

from __future__ import annotations

from bihuan.register import roles
from bihuan.register.rights import grant

FIGURES = "figures"
STATISTICIAN = "statistician"
roles.know({STATISTICIAN: ("统计员", "Statistician")})
grant(FIGURES, STATISTICIAN, ("see", "open", "edit", "export"))
grant(FIGURES, "county_command", ("see", "open", "act", "edit", "export"))  # act: releases
grant(FIGURES, "town_duty", ("see", "open"))
