"""The command `ido quality`: how complete and reliable the figures are, and what to do about it."""

from collections.abc import Iterator
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table as Grid

from idocore import Figures, Quality
from idocore_cli.printing import print_rows
from idocore_cli.setting import Setting, pass_setting, print_json

_LEVELS: Final = ("service_point", "organisation", "province", "nation")
_COLUMNS: Final = (
    "place",
    "points",
    "silent",
    "registrations",
    "open_days",
    "heard",
    "empty_weeks",
    "outlying_days",
    "round",
    "doubles",
    "late",
    "changed",
    "amended",
)

_SHOWN: Final = (
    ("place", "plaats", "place"),
    ("registrations", "aantal", "number"),
    ("open_days", "open", "open"),
    ("heard", "gevuld", "heard"),
    ("empty_weeks", "leeg", "empty"),
    ("round", "rond", "round"),
    ("doubles", "dubbel", "doubles"),
    ("late", "laat", "late"),
)
"""What is shown on a terminal, with its Dutch and English heading."""


@click.command()
@click.option("--period", help="2024, 2024-H1, 2024-Q2, 2024-04, 2024-W14 or 2024-04-01 (all).")
@click.option(
    "--for", "scope", metavar="PLACE", help="organisation/noord, province/PV26, nation, ... (all you may see)."
)
@click.option("--by", type=click.Choice(_LEVELS), default="service_point", show_default=True, help="A row for each.")
@click.option("--show", type=click.Choice(["all", "figures", "findings"]), default="all", show_default=True)
@click.option("--theme", default="ido", show_default=True, help="What was registered.")
@click.option("--format", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@pass_setting
def quality(
    setting: Setting, period: str | None, scope: str | None, by: str, show: str, theme: str, format: str
) -> None:
    """Show how complete and reliable the figures are, and what to do.

    For instance: ido quality --for organisation/noord --period 2024

    The table has a row for each place: registrations; open days (a dash where opening hours are not known), the
    share of them with registrations, weeks without any; the share of the moments on a whole or half hour; what looks
    just like an earlier registration; the share entered more than a week late. CSV and JSON have more. Then come the
    findings, each with what to do. Findings are no failure: the exit status is 0.
    """
    with setting.progress("quality") as progress:
        found = setting.present.quality(period, scope=scope, theme=theme, progress=progress)
    if format == "json":
        print_json(_json(found, by, show, setting))
        return
    if show != "findings" and format == "csv":
        print_rows(_rows(found, by), _COLUMNS, format)
    elif show != "findings":
        _print_grid(found, by, setting)
    if show == "findings" and format == "csv":
        print_rows(_listed(found, setting), ("path", "severity", "code", "message"), format)
    elif format == "text" and show != "figures":
        _tell(found, setting)


def _print_grid(found: Quality, by: str, setting: Setting) -> None:
    """The columns that fit on a terminal, on stdout."""
    grid = Grid(box=None, pad_edge=False)
    for number, (_, *words) in enumerate(_SHOWN):
        heading = words[setting.language == "en"]
        grid.add_column(heading, justify="right" if number else "left", overflow="fold" if number == 0 else "ellipsis")
    for row in _rows(found, by):
        grid.add_row(*(str(row[name]) for name, *_ in _SHOWN))
    Console(highlight=False, markup=False).print(grid)


def _tell(found: Quality, setting: Setting) -> None:
    """The findings as sentences on stdout; one that all is well when there are none."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for finding in found.findings:
        console.print(f"* {finding.message(setting.language)} [{finding.code}]")
    if found.findings:
        return
    if found.total.registrations:
        setting.say(
            "Geen bevindingen: er is niets dat nadere blik vraagt.", "No findings: nothing needs a closer look."
        )
    else:
        setting.say("Er is hier niets geregistreerd om te beoordelen.", "Nothing was registered here to be judged.")


def _json(found: Quality, by: str, show: str, setting: Setting) -> dict[str, Any]:
    whole = found.to_dict()
    messages = [finding.message(setting.language) for finding in found.findings]
    listed = [{**one, "message": text} for one, text in zip(whole["findings"], messages, strict=True)]
    figures = [{by: code, **one.to_dict()} for code, one in found.totals(by).items()]
    rows = {"figures": whole["points"] if by == "service_point" else figures, "findings": listed}
    return {"from": whole["from"], "until": whole["until"], **{k: v for k, v in rows.items() if show in ("all", k)}}


def _listed(found: Quality, setting: Setting) -> Iterator[dict[str, Any]]:
    for one in found.findings:
        text = one.message(setting.language)
        yield {"path": one.path, "severity": one.severity.value, "code": one.code, "message": text}


def _rows(found: Quality, by: str) -> Iterator[dict[str, Any]]:
    for code, figures in found.totals(by).items():
        yield {"place": code or "-", **_row(figures)}


def _row(figures: Figures) -> dict[str, Any]:
    plain = figures.to_dict()
    shares = {"heard": figures.completeness, "round": figures.round_share, "late": figures.late_share}
    counts = {name: plain[name] for name in _COLUMNS if name in plain and name not in shares}
    return {
        **{name: "-" if value is None else value for name, value in counts.items()},
        **{name: "-" if share is None else f"{share:.0%}" for name, share in shares.items()},
    }
