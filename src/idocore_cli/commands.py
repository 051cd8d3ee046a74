"""The commands of `ido`."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, get_args

import click

import idocore
from idocore import MEASURES, Language, plugins
from idocore_cli import (
    changing,
    indicators,
    interview,
    keeping,
    lines,
    publishing,
    rollups,
    sheets,
    snapshots,
    syncing,
)
from idocore_cli.periods import periods
from idocore_cli.places import places
from idocore_cli.printing import TABLE_FORMATS, print_rows, print_table
from idocore_cli.quality import quality
from idocore_cli.setting import Group, Setting, default_language, pass_setting
from idocore_cli.template import template

FORMAT = click.option("--format", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
TABLE_FORMAT = click.option(
    "--format",
    type=click.Choice(TABLE_FORMATS),
    help="Default: what the name of --out ends in (.sdmx.csv for sdmx), else text.",
)
OUT = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file; some formats write more beside it."
)
PERIOD = click.option("--period", help="2024, 2024-H1, 2024-Q2, 2024-04, 2024-W14 or 2024-04-01.")
THEME = click.option("--theme", default="ido", show_default=True, help="What was registered.")
FOR = click.option("--for", "scope", metavar="PLACE", help="organisation/noord, province/PV26, nation, ... (all).")


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--store", envvar="IDOCORE_STORE", default="sqlite:///ido.db", show_default=True, help="Where it is kept."
)
@click.option(
    "--language", "--lang", envvar="IDOCORE_LANGUAGE", type=click.Choice(get_args(Language)), help="nl or en."
)
@click.option("--actor", envvar="IDOCORE_ACTOR", default="local-owner", help="Who acts: an opaque id, never a name.")
@click.option("--role", envvar="IDOCORE_ROLE", help="What they are: worker, coordinator, ... (default: the owner).")
@click.option("--scope", envvar="IDOCORE_SCOPE", help="Where that counts: organisation/noord, province/PV26, nation.")
@click.version_option(package_name="idocore", prog_name="ido")
@click.pass_context
def ido(
    context: click.Context, store: str, language: Language | None, actor: str, role: str | None, scope: str | None
) -> None:
    """Register and count visits to help points for digital government (Informatiepunt Digitale Overheid).

    Data go to stdout, messages to stderr. Exit status: 0, or 1 when something was found or failed, or 2 for a call
    that makes no sense.
    """
    context.obj = Setting(store, language or default_language(), actor, role, scope)


ido.add_command(places)
ido.add_command(periods)
ido.add_command(quality)
ido.add_command(snapshots.snapshot)
ido.add_command(template)
ido.add_command(sheets.propose)
for command in (
    *changing.COMMANDS,
    *keeping.COMMANDS,
    *publishing.COMMANDS,
    *syncing.COMMANDS,
    *indicators.COMMANDS,
    *rollups.COMMANDS,
):
    ido.add_command(command)


@ido.command()
@click.option("--service-point", help="Its id, for instance centrale.")
@click.option("--name", help="What people call it.")
@click.option("--municipality", help="By name or CBS code.")
@pass_setting
def init(setting: Setting, service_point: str | None, name: str | None, municipality: str | None) -> None:
    """Make the register, with a first service point if you name one."""
    register = setting.register
    if service_point:
        register.places.add_service_point(service_point, name, municipality=municipality)
    ids = ", ".join(point.id for point in register.places.service_points) or "-"
    setting.say(f"Register klaar; IDO-locaties: {ids}", f"Register ready; service points: {ids}")


@ido.command()
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"), required=False)
@click.option("--override", "overrides", multiple=True, metavar="CODE=REASON", help="Why a warning does not count.")
@click.option("--rejected", type=click.File("w", encoding="utf-8"), help="Where rejected lines go, to be mended.")
@click.option("--dry-run", is_flag=True, help="Check everything, store nothing.")
@pass_setting
def record(setting: Setting, file: Any, overrides: tuple[str, ...], rejected: Any, dry_run: bool) -> None:
    """Register: by questions on a terminal, or records as JSON Lines from FILE or stdin (-)."""
    if file is None and sys.stdin.isatty():
        interview.record(setting)
        return
    lines.check_apart(getattr(file, "name", "-"), rejected and rejected.name)
    found = idocore.read_jsonl(file or click.open_file("-", encoding="utf-8", errors="replace"))
    lines.load(setting, found, overrides, rejected, dry_run=dry_run, each=True)


@ido.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "format_", type=click.Choice(["jsonl", "csv"]), help="Default: what the name ends in.")
@click.option(
    "--profile", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="What a sheet's columns mean."
)
@click.option("--source", default="", help="Tells apart sheets with the same rows: part of every id.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Your sheet, the faulty cells marked.")
@click.option("--override", "overrides", multiple=True, metavar="CODE=REASON", help="Why a warning does not count.")
@click.option("--rejected", type=click.File("w", encoding="utf-8"), help="Where rejected lines go, to be mended.")
@click.option("--dry-run", is_flag=True, help="Check everything, store nothing.")
@pass_setting
def import_(
    setting: Setting,
    file: Path,
    format_: str | None,
    profile: Path | None,
    source: str,
    errors: Path | None,
    overrides: tuple[str, ...],
    rejected: Any,
    dry_run: bool,
) -> None:
    """Load records from FILE (JSON Lines, CSV), or a sheet (.xlsx, .ods, ...) by a profile.

    Harmless to repeat for a sheet, and for records that have an id each; one without counts again each time.
    """
    lines.check_apart(file, errors, rejected and rejected.name)
    if sheets.is_sheet(file, profile, format_):
        sheets.load(setting, file, profile, source, overrides, errors, dry_run=dry_run)
        return
    found = setting.register.read_file(file, format=format_)
    lines.load(setting, found, overrides, rejected, dry_run=dry_run, each=False)


@ido.command()
@click.option("--measure", "measures", multiple=True, default=["registrations"], help=f"{', '.join(MEASURES)}.")
@click.option("--by", multiple=True, help="What to split by; may be repeated.")
@click.option("--where", multiple=True, metavar="FIELD=CODE", help="Count only these; may be repeated.")
@click.option("--from", "start", help="First day, or a period that begins with it.")
@click.option("--until", "end", help="First day that no longer counts, or a period that begins with it.")
@PERIOD
@click.option("--place-date", default="then", show_default=True, help="then, now, or a date.")
@click.option(
    "--together", metavar="FIELD", help="Count registrations by each pair of answers that they have to FIELD."
)
@click.option("--complete", is_flag=True, help="A row for every combination, with why there is no number.")
@click.option("--codes", type=click.Choice(["base", "local", "comparable"]), default="base", show_default=True)
@click.option("--average-over", default="month", show_default=True, help="The kind of period that averages are over.")
@THEME
@TABLE_FORMAT
@OUT
@snapshots.SNAPSHOTS
@snapshots.CITE
@pass_setting
def table(
    setting: Setting,
    /,
    measures: tuple[str, ...],
    by: tuple[str, ...],
    where: tuple[str, ...],
    start: str | None,
    end: str | None,
    period: str | None,
    format: str | None,
    out: Path | None,
    snapshots_in: Path | None,
    cite: IO[str] | None,
    **asked: Any,
) -> None:
    """Count: --measure registrations --by province --by month."""
    query = idocore.Query.of(measures, by, where=_where(where), period=period, start=start, end=end, **asked)
    counted = snapshots.counted(setting, query, snapshots_in, cite)
    if out is None:
        print_table(counted, format or "text", setting.language)
        return
    for file in counted.write(out, format=format, language=setting.language):
        setting.say(f"geschreven: {file}", f"written: {file}")


def _where(pairs: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pair in pairs:
        name, separator, code = pair.partition("=")
        if not separator:
            raise click.BadParameter(f"{pair}: write FIELD=CODE", param_hint="--where")
        found.setdefault(name, []).append(code)
    return found


@ido.command()
@click.argument("file", type=click.Path(dir_okay=False))
@PERIOD
@FOR
@click.option("--service-point", help="Short for --for service_point/...")
@click.option("--publish", is_flag=True, help="Without the records, and with counts from 1 to 4 hidden.")
@THEME
@pass_setting
def report(
    setting: Setting,
    file: str,
    period: str | None,
    scope: str | None,
    service_point: str | None,
    publish: bool,
    theme: str,
) -> None:
    """Write the report workbook to FILE (.xlsx)."""
    with setting.progress("report") as progress:
        count = setting.present.export(
            file,
            format="xlsx",
            period=period,
            point=service_point,
            theme=theme,
            language=setting.language,
            progress=progress,
            scope=scope,
            publish=publish,
        )
    setting.say(f"{file}: {count} registraties", f"{file}: {count} registrations")


@ido.command()
@click.argument("file")
@click.option(
    "--format", "format_", type=click.Choice(["jsonl", "csv", "xlsx"]), help="Default: what the name ends in."
)
@PERIOD
@FOR
@click.option("--service-point", help="Short for --for service_point/...")
@click.option("--with-notes", is_flag=True, help="Free notes too; they are the desk's own, so mind who gets them.")
@THEME
@pass_setting
def export(
    setting: Setting,
    file: str,
    format_: str | None,
    period: str | None,
    scope: str | None,
    service_point: str | None,
    with_notes: bool,
    theme: str,
) -> None:
    """Hand over final registrations to FILE, or to stdout (-)."""
    target: Any = sys.stdout.buffer if format_ == "xlsx" else sys.stdout
    with setting.progress("export") as progress:
        count = setting.present.export(
            target if file == "-" else file,
            format=format_,
            period=period,
            point=service_point,
            theme=theme,
            language=setting.language,
            with_texts=with_notes,
            progress=progress,
            scope=scope,
        )
    setting.say(f"{file}: {count} registraties", f"{file}: {count} registrations")


@ido.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--codes", help="Show the codes of this list.")
@FORMAT
@pass_setting
def themes(setting: Setting, file: Path | None, codes: str | None, format: str) -> None:
    """Show the versions of the themes, or the codes of a list; or install theme FILE (.toml)."""
    if file is not None:
        setting.register.install_theme(file)
    known = setting.register.themes
    if codes:
        rows = [
            {"code": c.code, "nl": c.label.nl, "en": c.label.en, "from": c.valid_from, "until": c.valid_until}
            for c in known.codelist(codes).codes
        ]
        print_rows(rows, ("code", "nl", "en", "from", "until"), format)
        return
    versions = sorted(known.themes.values(), key=lambda theme: (theme.name, theme.valid_from))
    found = (
        {
            "theme": one.id,
            "from": one.valid_from,
            "until": one.valid_until,
            "name": one.label.text(setting.language),
            "lists": " ".join(sorted({entry.codelist for entry in one.fields if entry.codelist} | {one.channels})),
        }
        for one in versions
    )
    print_rows(found, ("theme", "from", "until", "name", "lists"), format)


@ido.command("plugins")
@FORMAT
def plugins_(format: str) -> None:
    """Show what is installed: stores, exporters, importers, themes. None of it is loaded."""
    found = (
        {"group": p.group, "name": p.name, "target": p.target, "package": p.distribution} for p in plugins.installed()
    )
    print_rows(found, ("group", "name", "target", "package"), format)


@ido.command()
@click.option("--registrations", default=10_000, show_default=True, help="How many.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same nation.")
@click.option("--report", type=click.Path(dir_okay=False), help="Write the report workbook there, too.")
@pass_setting
def demo(setting: Setting, registrations: int, seed: int, report: str | None) -> None:
    """Make an invented nation, load it as any file is loaded, and print two tables."""
    from idocore.simulation import simulate

    nation = simulate(registrations, seed)
    register = setting.register
    register.places.put(*nation.places)
    with setting.progress("demo", registrations) as progress:
        rejected = [one for one in register.load(nation.lines(), bulk=True, progress=progress) if one.is_rejected]
    for outcome in rejected[:5]:
        for finding in outcome.findings:
            setting.show(finding)
    print_table(register.table(["registrations", "visitors", "inquiries"], by="year"), "text", setting.language)
    print_table(register.table(["registrations", "visitors", "inquiries"], by="province"), "text", setting.language)
    if report:
        count = register.export(report, format="xlsx", language=setting.language)
        setting.say(f"{report}: {count} registraties", f"{report}: {count} registrations")
    if rejected:
        sys.exit(1)
