"""Write the generated parts of docs/ from the code that they describe.

    python -m docs.generate            writes them
    python -m docs.generate --check    names every page that is not current; exit 1 where one is

A page holds generated parts between `<!-- generated: NAME -->` and `<!-- end: NAME -->`; the
rest of it is written by hand and stays.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import django
import grimp
import typer
from django.apps import apps
from django.db import models

from bihuan.base.errors import bad

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
Edges = dict[str, set[str]]


def layers() -> list[str]:
    """Our packages from the top down, as the import contract in pyproject.toml names them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = settings["tool"]["importlinter"]["contracts"][0]
    return [name.strip() for layer in contract["layers"] for name in layer.split("|")]


def package_imports() -> Edges:
    """Which package imports which, read from the code."""
    graph = grimp.build_graph("bihuan", cache_dir=None)
    names = sorted(child.split(".")[1] for child in graph.find_children("bihuan"))
    packages = [name for name in names if name in layers()]

    def imports(upper: str, lower: str) -> bool:
        return graph.direct_import_exists(
            importer=f"bihuan.{upper}", imported=f"bihuan.{lower}", as_packages=True
        )

    return {
        upper: {lower for lower in packages if lower != upper and imports(upper, lower)}
        for upper in packages
    }


def essential(edges: Edges) -> Edges:
    """The edges that no longer way implies: what a picture needs to show the order."""

    def reachable(start: str) -> set[str]:
        found, queue = set[str](), list(edges[start])
        while queue:
            if (name := queue.pop()) not in found:
                found.add(name)
                queue.extend(edges[name])
        return found

    return {
        upper: {
            lower
            for lower in lowers
            if not any(lower in reachable(other) for other in lowers if other != lower)
        }
        for upper, lowers in edges.items()
    }


def summary(documented: object) -> str:
    """The first paragraph of a docstring on one line; empty where the name was thought enough."""
    text = (getattr(documented, "__doc__", None) or "").strip().split("\n\n")[0]
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


def listed(names: Iterable[str]) -> str:
    """Names as code, separated by commas."""
    return ", ".join(f"`{name}`" for name in names)


def packages_part() -> str:
    """The package picture and the table of who imports whom."""
    edges = package_imports()
    drawn = essential(edges)
    order = [name for name in layers() if name in edges]
    jobs = {name: summary(importlib.import_module(f"bihuan.{name}")) for name in order}
    picture = [f"    {name}[{name}]" for name in order]
    picture += [f"    {upper} --> {lower}" for upper in order for lower in sorted(drawn[upper])]
    rows = [
        f"| `{name}` | {jobs[name]} | {', '.join(sorted(edges[name])) or 'none of ours'} |"
        for name in order
    ]
    table = ["| Package | Job | Imports |", "|---|---|---|", *rows]
    return "\n".join(["```mermaid", "flowchart TD", *picture, "```", "", *table])


def own_models() -> Iterator[type[models.Model]]:
    """Every table, ours and the libraries', by its name."""
    found = apps.get_models(include_auto_created=True)
    return iter(sorted(found, key=lambda model: model._meta.db_table))


def tables_part() -> str:
    """Every table with its kind and what a row of it is."""
    from bihuan.journal.tables import kind_of  # noqa: PLC0415 - models load after django.setup()

    rows = []
    for model in own_models():
        if model.__module__.startswith("bihuan."):
            said = summary(model)
            what = "" if said.startswith(f"{model.__name__}(") else said  # Django's own words
            columns = listed(str(field.column) for field in model._meta.concrete_fields)
        else:
            what, columns = f"of the library `{model._meta.app_label}`", ""
        rows.append(f"| `{model._meta.db_table}` | {kind_of(model)} | {what} | {columns} |")
    return "\n".join(["| Table | Kind | A row is | Columns |", "|---|---|---|---|", *rows])


def load_entry_types() -> None:
    """Import every module that registers an entry type."""
    for path in sorted((ROOT / "bihuan").rglob("*.py")):
        if re.search(r"^@entry_type\(", path.read_text(encoding="utf-8"), re.MULTILINE):
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def entry_types_part() -> str:
    """Every entry type with its fields."""
    from bihuan.journal.payloads import known_types  # noqa: PLC0415 - after django.setup()

    load_entry_types()
    rows = [
        f"| `{name}` | {summary(cls)} | {listed(cls.__struct_fields__)} |"
        for name, cls in sorted(known_types().items())
        if cls.__module__.startswith("bihuan.")  # tests register types of their own
    ]
    return "\n".join(["| Type | Says | Fields |", "|---|---|---|", *rows])


def commands(command: Any, words: list[str]) -> Iterator[tuple[str, Any]]:
    """Every command below a typer command, with the words that call it."""
    if not hasattr(command, "commands"):
        yield " ".join(words), command
        return
    for name, below in command.commands.items():
        yield from commands(below, [*words, name])


def option(parameter: Any) -> str:
    """One argument or option, with its default where it says something."""
    is_argument = parameter.param_type_name == "argument"
    name = parameter.opts[0].upper() if is_argument else ", ".join(parameter.opts)
    says = f": {parameter.help}" if getattr(parameter, "help", None) else ""
    default = parameter.default
    shown = "" if default in (None, False, "") or is_argument else f" ({default})"
    return f"`{name}`{says}{shown}".replace("|", "\\|")


def commands_part() -> str:
    """Every command with its arguments and options; one without a word about itself is refused."""
    from bihuan.wiring.commands import build  # noqa: PLC0415 - models load after django.setup()

    rows = []
    for usage, command in sorted(commands(typer.main.get_command(build([])), ["bihuan"])):
        does = command.get_short_help_str(300)
        if not does:
            raise bad(f"help of `{usage}`", "none", "one sentence")
        options = "<br>".join(option(parameter) for parameter in command.params)
        rows.append(f"| `{usage}` | {does} | {options} |")
    return "\n".join(["| Command | Does | Arguments, options (default) |", "|---|---|---|", *rows])


def playbooks_part() -> str:
    """Every playbook of the installed scenarios: acts by state, clocks with their source."""
    from bihuan.loop.playbook import Playbook  # noqa: PLC0415 - after django.setup()
    from bihuan.scenarios import load  # noqa: PLC0415

    alike: dict[Any, list[Playbook]] = {}
    for scenario in load():
        for playbook in scenario.playbooks:
            same = (playbook.scenario, playbook.acts, playbook.clocks, playbook.ladder)
            alike.setdefault(same, []).append(playbook)
    return "\n\n".join(_playbook(found) for found in alike.values())


def _playbook(found: list[Any]) -> str:
    """Playbooks with one table: it, the ladder and every limit."""
    first = found[0]
    title = ", ".join(f"{one.title[0]} {one.title[1]} `{one.key}`" for one in found)
    rows = [
        f"| {', '.join(act.from_states)} | `{act.name}`{_asks(act)} | {act.to or 'as it is'} "
        f"| {', '.join(act.roles)}{_but(act)} |"
        for act in first.acts
    ]
    limits = [(kind, first.clock(kind).limit) for kind in first.clock_kinds()]
    waits = [(f"ladder.{n + 1} {step.title[1]}", step.wait) for n, step in enumerate(first.ladder)]
    waits += [("repeat", first.repeat)] if first.ladder else []
    clocks = [f"| {kind} | {_length(limit)} | {limit.source} |" for kind, limit in limits + waits]
    table = ["| From | Act (asks for) | To | Who |", "|---|---|---|---|", *rows]
    timed = ["| Clock | Limit | Source |", "|---|---|---|", *clocks]
    return "\n".join([f"### {title}", "", *table, "", *timed])


def _asks(act: Any) -> str:
    from bihuan.loop.acting import fields_of  # noqa: PLC0415 - after django.setup()

    asked = [field.name for field in fields_of(act)]
    asked += [f"proof: {' or '.join(act.proof)}"] if act.proof else []
    return f" ({', '.join(asked)})" if asked else ""


def _but(act: Any) -> str:
    return f", never the {' or '.join(act.not_by)}" if act.not_by else ""


def _length(limit: Any) -> str:
    if limit.rule is None:
        return f"{limit.seconds} s"
    more = f", {limit.most_extension} more at most" if limit.most_extension else ""
    return f"{limit.days} {limit.unit} days{more}"


PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "commands": ("commands.md", commands_part),
    "packages": ("architecture.md", packages_part),
    "tables": ("tables.md", tables_part),
    "playbooks": ("loop.md", playbooks_part),
    "entry types": ("entry-types.md", entry_types_part),
}


def filled(page: str, name: str, part: str) -> str:
    """A page with its part of this name written anew."""
    begin, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(pattern.findall(page)) != 1:
        raise bad(f"part {name!r}", "no place for it", f"{begin} … {end} once")
    return pattern.sub(lambda _match: f"{begin}\n{part}\n{end}", page)


def stale(folder: Path = DOCS) -> list[str]:
    """The pages whose generated part is not what the code says."""
    found = []
    for name, (file, part) in PARTS.items():
        page = (folder / file).read_text(encoding="utf-8")
        if filled(page, name, part()) != page:
            found.append(file)
    return found


def write(folder: Path = DOCS) -> None:
    """Write every generated part anew."""
    for name, (file, part) in PARTS.items():
        page = folder / file
        text = filled(page.read_text(encoding="utf-8"), name, part())
        page.write_text(text, encoding="utf-8")


def main(words: list[str]) -> int:
    """Exit 0 good, 1 a page is not current, 2 wrong use."""
    if words not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.wiring.settings")
    django.setup()
    if not words:
        write()
        return 0
    for file in (pages := stale()):
        print(f"docs/{file}: got another text, want `python3 dev.py docs` run", file=sys.stderr)
    return 1 if pages else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
