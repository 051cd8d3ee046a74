"""The command `ido places`: list, add, move, and read CBS's list of municipalities."""

from datetime import date
from pathlib import Path

import click

from idocore_cli.changing import OVERRIDE
from idocore_cli.lines import reasons
from idocore_cli.printing import print_rows
from idocore_cli.setting import Setting, pass_setting

DAY = click.DateTime(["%Y-%m-%d"])
LEVELS = ("service-point", "organisation", "municipality", "province")


@click.group(invoke_without_command=True)
@click.option("--level", type=click.Choice(LEVELS), default="service-point", show_default=True)
@click.option("--on", type=DAY, help="The municipalities that existed on this day; default today.")
@click.option("--format", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@click.pass_context
def places(context: click.Context, level: str, on: date | None, format: str) -> None:
    """Show the places of one level, or change them with a command below."""
    if context.invoked_subcommand is None:
        show(context.obj, level, on, format)


def show(setting: Setting, level: str, on: date | None, format: str) -> None:
    """The places of `level` on stdout."""
    book = setting.register.places
    day = date(on.year, on.month, on.day) if on else None
    match level:
        case "municipality":
            rows = [{"code": m.code, "name": m.name, "province": m.province} for m in book.municipalities(day)]
            print_rows(rows, ("code", "name", "province"), format)
        case "province":
            print_rows([{"code": p.code, "name": p.name} for p in book.provinces], ("code", "name"), format)
        case "organisation":
            print_rows(
                [{"id": o.id, "name": o.name, "isil": o.isil} for o in book.organisations],
                ("id", "name", "isil"),
                format,
            )
        case _:
            _show_service_points(setting, day, format)


def _show_service_points(setting: Setting, day: date | None, format: str) -> None:
    points = setting.register.places.service_points
    if not points and format == "text":
        setting.say(
            "Nog geen IDO-locaties; voeg er een toe: ido places add centrale --municipality Utrecht",
            "No service points yet; add one: ido places add centrale --municipality Utrecht",
        )
    rows = []
    for point in points:
        siting = point.siting(day or date.max)
        rows.append(
            {
                "id": point.id,
                "name": point.name,
                "municipality": siting.municipality,
                "organisation": siting.organisation,
                "opened": point.opened,
                "closed": point.closed,
                "provisional": "yes" if point.provisional else "",
            }
        )
    columns = ("id", "name", "municipality", "organisation", "opened", "closed", "provisional")
    print_rows(rows, columns, format)


@places.command()
@click.argument("id")
@click.option("--name")
@click.option("--municipality", help="By name or CBS code.")
@click.option("--organisation", help="The id of who runs it.")
@click.option("--outside", is_flag=True, help="It is outside the library.")
@click.option("--host", help="Where, if outside.")
@click.option("--variant", type=click.Choice(["basic", "always-available", "broad-services"]))
@click.option("--opening-hours", help='As in OpenStreetMap: "Mo-Fr 10:00-17:00; PH off".')
@click.option("--opened", type=DAY)
@OVERRIDE
@pass_setting
def add(
    setting: Setting,
    id: str,
    name: str | None,
    municipality: str | None,
    organisation: str | None,
    outside: bool,
    host: str | None,
    variant: str | None,
    opening_hours: str | None,
    opened: date | None,
    overrides: tuple[str, ...],
) -> None:
    """Add a service point, or replace it; without organisation or municipality it is provisional, and counts.

    Replaced, it has lain where it lies now for all time; `ido places move` says from when.
    """
    was_there = setting.register.places.find_service_point(id) is not None
    point = setting.register.places.add_service_point(
        id,
        name,
        municipality=municipality,
        organisation=organisation,
        inside=not outside,
        host=host,
        variant=variant,
        opening_hours=opening_hours,
        opened=date(opened.year, opened.month, opened.day) if opened else None,
        overrides=reasons(overrides),
    )
    nl, en = (
        ("stond er al en is vervangen", "was there already, and is replaced") if was_there else ("toegevoegd", "added")
    )
    setting.say(f"IDO-locatie {point.id} {nl}", f"Service point {point.id} {en}")


@places.command()
@click.argument("id")
@click.option("--on", required=True, help="From this day, or the first day of this period: 2024-05-15, 2024-05.")
@click.option("--municipality", help="By name or CBS code.")
@click.option("--organisation", help="The id of who runs it from then on.")
@OVERRIDE
@pass_setting
def move(
    setting: Setting,
    id: str,
    on: str,
    municipality: str | None,
    organisation: str | None,
    overrides: tuple[str, ...],
) -> None:
    """Have a service point lie elsewhere, or be run by somebody else, from a day on; what it was before stays."""
    changes = {"municipality": municipality, "organisation": organisation}
    given = {name: value for name, value in changes.items() if value is not None}
    if not given:
        raise click.UsageError("say what changes: --municipality, --organisation")
    setting.present.places.move(id, on, overrides=reasons(overrides), **given)
    setting.say(f"IDO-locatie {id} gewijzigd vanaf {on}", f"Service point {id} changed from {on} on")


@places.command("add-organisation")
@click.argument("id")
@click.option("--name")
@click.option("--isil", help="NL- and ten digits.")
@pass_setting
def add_organisation(setting: Setting, id: str, name: str | None, isil: str | None) -> None:
    """Add an organisation that runs service points."""
    setting.register.places.add_organisation(id, name, isil=isil)
    setting.say(f"Organisatie {id} toegevoegd", f"Organisation {id} added")


@places.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--on", type=DAY, required=True, help="The day that the list is of: 1 January of its year.")
@click.option("--dry-run", is_flag=True, help="Only show what differs.")
@OVERRIDE
@pass_setting
def import_(setting: Setting, file: Path, on: date, dry_run: bool, overrides: tuple[str, ...]) -> None:
    """Read CBS's file "Gemeenten alfabetisch" (CSV or xlsx) and take over what differs."""
    day = date(on.year, on.month, on.day)
    found = setting.register.places.import_cbs(file, day, dry_run=dry_run, overrides=reasons(overrides))
    kinds = {"added": found.added, "changed": found.changed, "ended": found.ended}
    rows = [{"what": kind, "code": one.code, "name": one.name} for kind, listed in kinds.items() for one in listed]
    print_rows(rows, ("what", "code", "name"), "csv")
    setting.say(f"{len(rows)} verschillen", f"{len(rows)} differences")
