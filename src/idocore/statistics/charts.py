"""A table as a drawing, by Altair: lines over time, bars by category, heatmaps of two categories.

A number that is None breaks a line and leaves a mark; it is never drawn as zero. A period without a row breaks the
line too. Colours are those of Okabe and Ito, which colour-blind people can tell apart.
"""

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from idocore.errors import InvalidQueryError
from idocore.messages import Language, sentence
from idocore.plugins import library
from idocore.statistics.chart_layers import COLOURS, LAYERS, nothing
from idocore.statistics.chart_values import MOST_SERIES, Drawing, drawing, is_time, time_place
from idocore.statistics.wording import caption, filters, remarks, span

if TYPE_CHECKING:
    import altair

    from idocore.statistics.table import Table

_NOT_ADDITIVE: Final = ("note-multiple", "note-several-inquiries")
_DUTCH: Final = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["€\u00a0", ""]}
_ENGLISH: Final = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""]}


def plot(
    table: "Table", kind: str | None = None, language: Language = "nl", measure: str | None = None
) -> "altair.TopLevelMixin":
    """The chart of one measure, the first unless `measure` names another."""
    measure = _measure(table, measure)
    possible = kinds(table)
    if kind is not None and kind not in possible:
        raise InvalidQueryError("plot-kind", value=kind, known=possible)
    drawn = drawing(table, kind or possible[0], measure, language)
    kit = library("altair")
    chart = LAYERS[drawn.kind](kit, drawn) if table.rows else nothing(kit, sentence("table-empty", language, {}))
    framed: altair.TopLevelMixin = _framed(chart, table, drawn, language)
    return framed


def kinds(table: "Table") -> tuple[str, ...]:
    """The kinds of drawing that fit a table, the best first; raises InvalidQueryError when none does."""
    by = table.code_columns
    if len(by) > 2:
        raise InvalidQueryError("plot-dimensions", count=len(by))
    place = time_place(table)
    if len(by) < 2:
        return ("line", "bar") if place is not None else ("bar",)
    several = _several(table, by[1 if place is None else 1 - place])
    return ("heatmap", *several) if place is None else ("line", *several, "heatmap")


def _several(table: "Table", series: str) -> tuple[str, ...]:
    """The kinds of bars for two dimensions; parts that do not add up to a whole are not stacked."""
    codes = {row.codes[table.code_columns.index(series)] for row in table.rows}
    if len(codes) > MOST_SERIES or is_time(series):
        return ()
    overlaps = any(note.code in _NOT_ADDITIVE and note.parameters.get("dimension") == series for note in table.notes)
    return ("grouped",) if overlaps else ("grouped", "stacked")


def _measure(table: "Table", name: str | None) -> str:
    if name is None:
        return table.query.measures[0]
    if name not in table.query.measures:
        raise InvalidQueryError("plot-measure", value=name, known=table.query.measures)
    return name


def _framed(chart: Any, table: "Table", drawn: Drawing, language: Language) -> Any:
    """`chart` under what was asked and over what a reader must know, with the numbers of the language."""
    kit = library("altair")
    above = [*filters(table, language), *filter(None, [span(table)])]
    title = kit.TitleParams(_title(table, drawn, language), subtitle=above, anchor="start", fontSize=16, offset=14)
    below = kit.TitleParams(
        _footnote(table, drawn, language),
        orient="bottom",
        anchor="start",
        fontSize=10,
        fontWeight="normal",
        color="#555555",
        offset=12,
    )
    return (
        kit.vconcat(chart.properties(title=title))
        .properties(title=below, padding=12)
        .configure(locale=kit.Locale(number=_DUTCH if language == "nl" else _ENGLISH), background="white")
        .configure_axis(
            labelFontSize=11, titleFontSize=12, labelLimit=280, gridColor="#e5e5e5", titleFontWeight="normal"
        )
        .configure_legend(labelFontSize=11, titleFontSize=12, labelLimit=280, titleFontWeight="normal", titleLimit=280)
        .configure_view(stroke=None)
        .configure_title(subtitleFontSize=12, subtitleColor="#555555")
        .configure_range(category=list(COLOURS))
    )


def _title(table: "Table", drawn: Drawing, language: Language) -> list[str]:
    asked = caption(drawn.alone(table), language).partition("; ")[0]
    return textwrap.wrap(asked, 80)


def _footnote(table: "Table", drawn: Drawing, language: Language) -> list[str]:
    marks = [sentence("table-no-number", language, {"mark": drawn.mark})] if drawn.has_gaps else []
    limits: Sequence[Mapping[str, int]] = [drawn.limited] if drawn.limited else []
    shown = [sentence("plot-shown", language, limit) for limit in limits]
    source = sentence("table-source", language, {"theme": table.query.theme})
    texts = [*marks, *shown, *remarks(drawn.alone(table), language), source]
    return [line for text in texts for line in textwrap.wrap(text, 110)]
