"""The marks of each kind of drawing, in Altair's grammar."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from idocore.statistics.chart_values import MOST_SERIES, Axis, Drawing

COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7", "#000000")
"""The palette of Okabe and Ito, without the yellow that is hard to see on white."""
_GREY: Final = "#888888"
"""Of what is not known, and of marks."""
_HEIGHT: Final = 280
_WIDTH: Final = 560
_PANEL: Final = (200, 110)


def line(kit: Any, drawn: Drawing) -> Any:
    """A line for each series; with many series a panel for each."""
    has_panels = drawn.series is not None and len(drawn.series.texts) > MOST_SERIES
    width, height = _PANEL if has_panels else (_WIDTH, _HEIGHT)
    shared = kit.Chart().encode(x=_along(kit, drawn.category), tooltip=_tooltip(kit, drawn))
    value = kit.Y("value:Q", title=None if has_panels else drawn.title, axis=_number_axis(kit, drawn))
    lines = shared.mark_line(
        color=COLOURS[0],
        strokeWidth=2,
        strokeJoin="round",
        point={"size": 12 if has_panels else 36, "color": COLOURS[0]},
    ).encode(y=value)
    if drawn.series is not None and not has_panels:
        names = list(drawn.series.texts)
        scale = kit.Scale(domain=names, range=_colours(drawn.series))
        legend = kit.Legend(title=drawn.series.title)
        lines = lines.encode(
            color=kit.Color("series:N", scale=scale, legend=legend),
            shape=kit.Shape("series:N", scale=kit.Scale(domain=names), legend=legend),
        )
    gaps = shared.transform_filter("datum.missing").mark_text(text="×", color=_GREY, fontSize=14)
    layers = kit.layer(lines, gaps.encode(y=kit.value(height - 7)), data=_data(kit, drawn))
    if has_panels and drawn.series is not None:
        header = kit.Header(title=None, labelFontSize=11, labelLimit=width)
        panel = kit.Facet("series:N", sort=list(drawn.series.texts), header=header)
        return layers.properties(width=width, height=height).facet(panel, columns=3)
    return layers.properties(width=width, height=height)


def bar(kit: Any, drawn: Drawing) -> Any:
    """A bar for each category, its number beside it: upright along a time, else lying, largest first."""
    shared = kit.Chart(_data(kit, drawn)).encode(tooltip=_tooltip(kit, drawn))
    number = "value:Q"
    if drawn.is_upright:
        shared = shared.encode(
            x=_along(kit, drawn.category), y=kit.Y(number, title=drawn.title, axis=_number_axis(kit, drawn))
        )
        beside: dict[str, Any] = {"dy": -6}
    else:
        shared = shared.encode(
            y=_down(kit, drawn.category), x=kit.X(number, title=drawn.title, axis=_number_axis(kit, drawn))
        )
        beside = {"dx": 4, "align": "left"}
    bars = shared.mark_bar(color=COLOURS[0])
    texts = shared.transform_filter("isValid(datum.value)").mark_text(fontSize=10, **beside).encode(text="text:N")
    shown = [bars, texts] if len(drawn.category.texts) <= 40 else [bars]
    return _sized(kit.layer(*shown, _gaps(kit, shared, drawn)), drawn)


def grouped(kit: Any, drawn: Drawing) -> Any:
    """A bar for each series, side by side within each category."""
    return _bars(kit, drawn, is_stacked=False)


def stacked(kit: Any, drawn: Drawing) -> Any:
    """The series as parts of one bar for each category."""
    return _bars(kit, drawn, is_stacked=True)


def _bars(kit: Any, drawn: Drawing, *, is_stacked: bool) -> Any:
    series = drawn.series or Axis("", ("",))
    names = list(series.texts)
    value = {"title": drawn.title, "axis": _number_axis(kit, drawn), "stack": "zero" if is_stacked else None}
    colour = kit.Color(
        "series:N",
        scale=kit.Scale(domain=names, range=_colours(series)),
        legend=kit.Legend(title=series.title),
    )
    shared = kit.Chart(_data(kit, drawn)).encode(tooltip=_tooltip(kit, drawn))
    if drawn.is_upright:
        shared = shared.encode(x=_along(kit, drawn.category), y=kit.Y("value:Q", **value))
        aside = {"xOffset": kit.XOffset("series:N", sort=names)}
    else:
        shared = shared.encode(y=_down(kit, drawn.category), x=kit.X("value:Q", **value))
        aside = {"yOffset": kit.YOffset("series:N", sort=names)}
    bars = shared.mark_bar().encode(color=colour, order=kit.Order("rank:Q"))
    layers = [bars, _gaps(kit, shared, drawn)]
    return _sized(kit.layer(*(layer if is_stacked else layer.encode(**aside) for layer in layers)), drawn)


def heatmap(kit: Any, drawn: Drawing) -> Any:
    """A cell for each combination, darker for more; grey where no number can be given, white where no row is."""
    second = drawn.series or Axis("", ("",))
    down, along = (second, drawn.category) if drawn.is_upright else (drawn.category, second)
    fields = ("series:N", "category:N") if drawn.is_upright else ("category:N", "series:N")
    shared = kit.Chart(_data(kit, drawn)).encode(
        y=kit.Y(fields[0], sort=list(down.texts), title=down.title, scale=kit.Scale(domain=list(down.texts))),
        x=kit.X(
            fields[1],
            title=along.title,
            scale=kit.Scale(domain=list(along.texts)),
            axis=kit.Axis(labelAngle=-40, labelOverlap=False),
        ),
        tooltip=_tooltip(kit, drawn),
    )
    legend = kit.Legend(title=drawn.title, format=_format(drawn))
    colour = kit.Color("value:Q", scale=kit.Scale(scheme="blues"), legend=legend)
    cells = shared.transform_filter("isValid(datum.value)").mark_rect(stroke="white").encode(color=colour)
    gaps = shared.transform_filter("datum.missing").mark_rect(color="#dddddd", stroke="white")
    most = max((point["value"] or 0 for point in drawn.points), default=0)
    ink = kit.condition(f"datum.value > {most * 0.6}", kit.value("white"), kit.value("#222222"))
    texts = shared.mark_text(fontSize=9).encode(text="text:N", color=ink)
    layers = [cells, gaps, texts] if len(along.texts) <= 25 else [cells, gaps]
    return kit.layer(*layers).properties(width=max(160, 34 * len(along.texts)), height=max(60, 20 * len(down.texts)))


LAYERS: Final[Mapping[str, Callable[[Any, Drawing], Any]]] = {
    "line": line,
    "bar": bar,
    "grouped": grouped,
    "stacked": stacked,
    "heatmap": heatmap,
}
"""How each kind is drawn."""


def _colours(series: Axis) -> list[str]:
    found = list(COLOURS[: len(series.texts)])
    return [*found[:-1], _GREY] if series.has_unknown else found


def nothing(kit: Any, text: str) -> Any:
    """In place of a drawing when there is nothing to draw."""
    return (
        kit.Chart(kit.Data(values=[{}]))
        .mark_text(text=text, fontSize=13, color=_GREY)
        .properties(width=_WIDTH, height=80)
    )


def _data(kit: Any, drawn: Drawing) -> Any:
    ranks = {name: rank for rank, name in enumerate(drawn.series.texts if drawn.series else ())}
    return kit.Data(values=[{**point, "rank": ranks.get(point["series"], 0)} for point in drawn.points])


def _along(kit: Any, axis: Axis) -> Any:
    texts = list(axis.texts)
    shown = kit.Axis(labelAngle=0 if len(texts) <= 8 else -45, labelOverlap="greedy", grid=False)
    return kit.X("category:O", sort=texts, title=axis.title, scale=kit.Scale(domain=texts), axis=shown)


def _down(kit: Any, axis: Axis) -> Any:
    texts = list(axis.texts)
    return kit.Y("category:N", sort=texts, title=axis.title or None, scale=kit.Scale(domain=texts))


def _number_axis(kit: Any, drawn: Drawing) -> Any:
    return kit.Axis(format=_format(drawn), tickMinStep=0.001 if drawn.is_share else 1, titleAnchor="end")


def _format(drawn: Drawing) -> str:
    return ".0%" if drawn.is_share else ",~f"


def _tooltip(kit: Any, drawn: Drawing) -> Any:
    titles = [("category", drawn.category.title), ("series", drawn.series.title if drawn.series else "")]
    return [
        *(kit.Tooltip(f"{name}:N", title=title) for name, title in titles if title),
        kit.Tooltip("text:N", title=drawn.title),
    ]


def _gaps(kit: Any, shared: Any, drawn: Drawing) -> Any:
    """The mark of a number that cannot be given, where its bar would begin."""
    marks = shared.transform_filter("datum.missing").mark_text(text=drawn.mark, color=_GREY, fontSize=12, dx=6, dy=-4)
    zero = {"y": kit.YDatum(0)} if drawn.is_upright else {"x": kit.XDatum(0)}
    return marks.encode(**zero)


def _sized(chart: Any, drawn: Drawing) -> Any:
    if drawn.is_upright:
        return chart.properties(width=_WIDTH, height=_HEIGHT)
    series = len(drawn.series.texts) if drawn.kind == "grouped" and drawn.series else 1
    return chart.properties(width=_WIDTH - 80, height=max(60, len(drawn.category.texts) * max(20, 9 * series)))
