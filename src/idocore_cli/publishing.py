"""`ido publish` and `ido releases`: what is made public, and what was."""

import sys

import click

import idocore
from idocore_cli.printing import print_rows, print_table
from idocore_cli.setting import Setting, pass_setting

_NEARLY_ALL = 0.9
_COLUMNS = ("name", "period", "title", "made", "cells", "hidden")


@click.command()
@click.argument("plan")
@click.argument("period")
@click.option("--by", multiple=True, help="What to split by; may be repeated: a table for each.")
@click.option(
    "--level",
    "levels",
    multiple=True,
    help="Places to publish; may be repeated.  [default: nation, province, organisation, service_point]",
)
@click.option("--within", help="Only this province, by its code: PV26. By month that is much quicker than the nation.")
@click.option("--measure", "measures", multiple=True, default=["registrations", "inquiries"], show_default=True)
@click.option("--by-month", is_flag=True, help="Every month of the period, too.")
@click.option("--title", help="What people call it.")
@click.option("--method", default="suppress", show_default=True, help="suppress or rounded.")
@click.option("--fewest", type=int, default=5, show_default=True, help="The smallest count, beside 0, that is shown.")
@click.option("--always", multiple=True, help="A level that is never hidden; may be repeated.")
@click.option("--seconds", type=float, default=600.0, show_default=True, help="How long protecting may take.")
@click.option("--theme", default="ido", show_default=True, help="What was registered.")
@click.option("--dry-run", is_flag=True, help="Only say what would be published and hidden.")
@pass_setting
def publish(
    setting: Setting,
    plan: str,
    period: str,
    by: tuple[str, ...],
    levels: tuple[str, ...],
    within: str | None,
    measures: tuple[str, ...],
    by_month: bool,
    title: str | None,
    method: str,
    fewest: int,
    always: tuple[str, ...],
    seconds: float,
    theme: str,
    dry_run: bool,
) -> None:
    """Make the tables of PLAN on the closed PERIOD public, for ever: `ido publish year 2024 --by topic`."""
    label = idocore.Label(title, title) if title else None
    tables = idocore.ReleasePlan.of(
        plan, levels, by, by_month=by_month, title=label, measures=measures, theme=theme, within=within
    )
    policy = idocore.Policy(fewest=fewest, method=method, seconds=seconds, always=always)
    book = setting.present.publications
    with setting.progress("publish") as progress:
        if dry_run:
            prepared = book.prepare(tables, period, policy, progress=progress)
        else:
            release = book.publish(tables, period, policy, progress=progress)
    if dry_run:
        _tell(setting, prepared)
    else:
        name, cells, hidden = release.name, len(release.cells), release.hidden
        setting.say(
            f"Gepubliceerd: {name}, {cells} cellen waarvan {hidden} verborgen. `ido releases {name}` toont ze.",
            f"Published: {name}, {cells} cells of which {hidden} hidden. `ido releases {name}` shows them.",
        )


def _tell(setting: Setting, prepared: idocore.Prepared) -> None:
    """What a dry run found; exit 1 when it may not be published."""
    cells, seconds = len(prepared.release.cells), f"{prepared.seconds:.1f}"
    setting.say(
        f"Zou publiceren: {cells} cellen; verborgen {prepared.primary} omdat ze klein zijn en "
        f"{prepared.complementary} om die te beschermen ({seconds} s).",
        f"Would publish {cells} cells; hidden {prepared.primary} since they are small and "
        f"{prepared.complementary} to protect those ({seconds} s).",
    )
    if prepared.release.hidden > _NEARLY_ALL * cells:
        setting.say(
            "Bijna alles is verborgen: minder niveaus (`--level province`), een langere periode, of "
            "`--method rounded` laten meer zien.",
            "Nearly everything is hidden: fewer levels (`--level province`), a longer period, or "
            "`--method rounded` show more.",
        )
    for key in (*prepared.cracks, *prepared.unproven):
        setting.say(f"niet veilig: {' '.join(key)}", f"not safe: {' '.join(key)}")
    if not prepared.may_be_published:
        sys.exit(1)


@click.command()
@click.argument("name", required=False)
@click.option("--format", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@pass_setting
def releases(setting: Setting, name: str | None, format: str) -> None:
    """Show what was published, or the tables of release NAME (plan/period, or plan/period/version)."""
    book = setting.present.publications
    if name is not None:
        for table in book.tables(name):
            print_table(table, format, setting.language)
        return
    found = book.list()
    print_rows([_line(one, setting) for one in found], _COLUMNS, format)
    if not found:
        setting.say("Er is niets gepubliceerd.", "Nothing is published.")


def _line(release: idocore.Release, setting: Setting) -> dict[str, object]:
    return {
        "name": release.name,
        "period": release.period,
        "title": release.plan.title.text(setting.language),
        "made": release.made_at.date().isoformat(),
        "cells": len(release.cells),
        "hidden": release.hidden,
    }


COMMANDS = (publish, releases)
"""The commands about what is public."""
