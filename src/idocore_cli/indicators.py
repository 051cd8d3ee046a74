"""Commands for named statistics: indicators, and figures for accountability."""

import click

import idocore
from idocore_cli.printing import print_rows, print_table
from idocore_cli.setting import Setting, pass_setting, print_json

_FORMAT = click.option("--format", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
_PERIOD = click.option("--period", help="2024, 2024-H1, 2024-Q2, 2024-04 or 2024-W14.")
_PLACE_DATE = click.option("--place-date", default="then", show_default=True, help="then, now, or a date.")


@click.command()
@click.argument("name", required=False)
@click.option("--by", multiple=True, help="What to split by; may be repeated.")
@_PERIOD
@_PLACE_DATE
@click.option("--trace", is_flag=True, help="Show where the numbers come from: definition, queries, base, journal.")
@_FORMAT
@pass_setting
def indicator(
    setting: Setting,
    name: str | None,
    by: tuple[str, ...],
    period: str | None,
    place_date: str,
    trace: bool,
    format: str,
) -> None:
    """Show an indicator: NAME, or NAME@VERSION. Without a name, list those that there are."""
    register, language = setting.present, setting.language
    if name is None:
        rows = [
            {"indicator": one.key, "label": one.label.text(language), "definition": one.definition.text(language)}
            for one in register.indicators
        ]
        print_rows(rows, ["indicator", "label", "definition"], format)
        return
    found = register.indicator(name, by, period=period, place_date=place_date)
    if trace:
        print_json(found.trace(language))
    else:
        print_table(found.table, format, language)


@click.command()
@click.argument("name")
@click.argument("period")
@click.option("--at", metavar="LEVEL/CODE", help="The place: organisation/noord, province/PV26; default your scope.")
@_FORMAT
@pass_setting
def benchmark(setting: Setting, name: str, period: str, at: str | None, format: str) -> None:
    """Show the indicator NAME in PERIOD beside the province, the nation and organisations of the same size."""
    print_table(setting.present.benchmark(name, period, at=at), format, setting.language)


@click.command()
@click.argument("period")
@click.option(
    "--rule",
    type=click.Choice(["location", "equal", "hours", "weights"]),
    default="location",
    show_default=True,
    help="How what an organisation did is divided over the municipalities that it works in.",
)
@click.option("--measure", default="visitors", show_default=True, help="registrations, visitors or inquiries.")
@click.option("--weight", "weights", multiple=True, metavar="GM0344=NUMBER", help="With --rule weights; repeat it.")
@_PLACE_DATE
@_FORMAT
@pass_setting
def accountability(
    setting: Setting, period: str, rule: str, measure: str, weights: tuple[str, ...], place_date: str, format: str
) -> None:
    """Show what was counted in PERIOD by municipality, allocated by a stated rule."""
    given = dict(_weight(one) for one in weights)
    table: idocore.Table = setting.present.accountability(
        period, rule=rule, measure=measure, weights=given, place_date=place_date
    )
    print_table(table, format, setting.language)


def _weight(text: str) -> tuple[str, float]:
    code, separator, number = text.partition("=")
    try:
        return code, float(number)
    except ValueError:
        wrong = text if separator else f"{text}="
        raise click.BadParameter(f"{wrong}: write CODE=NUMBER, as in GM0344=361699", param_hint="--weight") from None


COMMANDS = (indicator, benchmark, accountability)
