"""The command `ido template`: a form to fill in without a network."""

from pathlib import Path

import click

from idocore_cli.setting import Setting, pass_setting


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--service-point", "points", multiple=True, help="For this service point; repeat it for more.")
@click.option("--theme", default="ido", show_default=True, help="What is registered.")
@click.option("--rows", type=int, default=500, show_default=True, help="For so many questions.")
@pass_setting
def template(setting: Setting, file: Path, points: tuple[str, ...], theme: str, rows: int) -> None:
    """Make a form to fill in, FILE (.xlsx), that `ido import FILE` reads back: one for each person who fills it in.

    Without --service-point all service points within one's scope can be chosen in it.
    """
    setting.register.sheets.form(file, points=points, theme=theme, language=setting.language, rows=rows)
    setting.say(f"Formulier gemaakt: {file}", f"Form made: {file}")
