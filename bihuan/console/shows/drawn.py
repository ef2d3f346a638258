"""A scenario's template, drawn apart: its own folder, its facts, nothing of the request.

Everything is escaped, no tag library can be loaded, no file outside the folder can be included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from django.template import Context, Engine, TemplateDoesNotExist, TemplateSyntaxError
from django.utils.safestring import SafeString

import bihuan.scenarios
from bihuan.base.errors import Fault
from bihuan.loop.scenario import Scenario, templates_of

ROOT: Path = Path(bihuan.scenarios.__file__).parent
TAGS: Final = ("bihuan.console.templatetags.said", "bihuan.console.templatetags.shown")
# what would run, come from outside or be taken unescaped: the policy of the site forbids it anyway
FORBIDDEN: Final = {
    "a filter that does not escape": re.compile(r"\|\s*(safe|safeseq)\b|autoescape\s+off"),
    "a script or a style": re.compile(r"<\s*(script|style|iframe|object|link)\b|\sstyle\s*=", re.I),
    "a handler": re.compile(r"\son[a-z]+\s*=", re.I),
    "an address outside": re.compile(r"""(src|href|action)\s*=\s*["']?\s*(https?:)?//""", re.I),
}


@cache
def _engine(folder: Path) -> Engine:
    loaders = [("django.template.loaders.filesystem.Loader", [str(folder)])]
    return Engine(loaders=loaders, builtins=list(TAGS), autoescape=True, libraries={})


def draw(scenario: str, template: str, facts: Mapping[str, Any]) -> SafeString:
    """The template of a scenario's folder, filled with what its function found."""
    return _engine(ROOT / scenario).get_template(template).render(Context(dict(facts)))


def faults_of(scenario: Scenario) -> Iterator[Fault]:
    """What is wrong with the templates that a scenario names: missing, broken or unsafe."""
    for name in templates_of(scenario):
        place = f"{scenario.name}/{name}"
        try:
            _engine(ROOT / scenario.name).get_template(name)
        except TemplateDoesNotExist:
            yield Fault(place, "no such file", "a template in the scenario's folder")
            continue
        except TemplateSyntaxError as error:
            yield Fault(place, str(error), "a template that can be read")
            continue
        text = (ROOT / scenario.name / name).read_text("utf-8")
        for what, pattern in FORBIDDEN.items():
            if (match := pattern.search(text)) is not None:
                yield Fault(place, match[0].strip(), f"nothing like it: {what}")


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON holds them: dates as text, tuples as lists, mappings as objects."""
    found: dict[str, Any] = msgspec.to_builtins(dict(facts), enc_hook=_other, str_keys=True)
    return found


def _other(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)
