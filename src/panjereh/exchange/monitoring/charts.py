"""Charts as plain geometry for an SVG template: no script, no style, and a table beside each.

In a language that is read from the right, time runs from the right too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import get_language_bidi

WIDTH, HEIGHT = 640, 220
AXIS, TOP, FOOT = 56, 10, 26  # room for the numbers, above and below the drawing
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - AXIS - 8, HEIGHT - TOP - FOOT
LABELS = 6


@dataclass(frozen=True)
class Part:
    """One piece of a bar."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True)
class Line:
    kind: str
    points: list[str]  # stretches without a gap, as SVG writes points


@dataclass(frozen=True)
class Mark:
    """A number or a time at an axis."""

    place: float
    text: str


@dataclass(frozen=True)
class Series:
    kind: str
    name: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Chart:
    name: str  # unique on its page
    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    parts: Sequence[Part] = ()
    lines: Sequence[Line] = ()
    heights: Sequence[Mark] = ()
    times: Sequence[Mark] = field(default=())
    unit: str = ""

    width, height, foot = WIDTH, HEIGHT, HEIGHT - 8

    @property
    def mirrored(self) -> bool:
        return get_language_bidi()

    @property
    def axis(self) -> float:
        return _mirror(AXIS)

    @property
    def left(self) -> float:
        return min(_mirror(AXIS), _mirror(WIDTH - 8))

    @property
    def right(self) -> float:
        return max(_mirror(AXIS), _mirror(WIDTH - 8))

    @property
    def numbers_at(self) -> float:
        return _mirror(AXIS - 6)

    @property
    def numbers_anchor(self) -> str:
        return "start" if self.mirrored else "end"

    @property
    def empty(self) -> bool:
        return not any(value for series in self.series for value in series.values)

    @property
    def rows(self) -> list[tuple[str, list[float | None]]]:
        """For the table; newest first, as lists of the exchange are."""
        values = zip(*[series.values for series in self.series], strict=True)
        return [(text, list(row)) for text, row in zip(self.labels, values, strict=True)][::-1]


def bars(name: str, title: str, labels: Sequence[str], series: Sequence[Series]) -> Chart:
    """The series stand upon one another."""
    columns = zip(*[one.values for one in series], strict=True)
    tops = [sum(value or 0 for value in column) for column in columns]
    scale, heights = _heights(max(tops, default=0))
    step = PLOT_WIDTH / max(len(labels), 1)
    parts = []
    for index in range(len(labels)):
        below = 0.0
        for one in series:
            value = one.values[index] or 0
            if value:
                y, tall = _y(below + value, scale), value / scale * PLOT_HEIGHT
                x = AXIS + step * index + step * 0.12
                parts.append(Part(_left_edge(x, step * 0.76), y, step * 0.76, tall, one.kind))
            below += value
    return Chart(name, title, labels, series, parts, heights=heights, times=_times(labels, step))


def lines(
    name: str, title: str, labels: Sequence[str], series: Sequence[Series], unit: str
) -> Chart:
    top = max((value or 0 for one in series for value in one.values), default=0)
    scale, heights = _heights(top)
    step = PLOT_WIDTH / max(len(labels), 1)
    drawn = [Line(one.kind, _stretches(one.values, step, scale)) for one in series]
    marks = _times(labels, step)
    return Chart(name, title, labels, series, lines=drawn, heights=heights, times=marks, unit=unit)


def _stretches(values: Sequence[float | None], step: float, scale: float) -> list[str]:
    """Where nothing was measured, nothing is drawn; a lone value is a short dash."""
    found: list[list[str]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            found.append([])
            continue
        x = _mirror(AXIS + step * (index + 0.5))
        found[-1].append(f"{x:.1f},{_y(value, scale):.1f}")
    return [" ".join(_dash(points)) for points in found if points]


def _dash(points: list[str]) -> list[str]:
    if len(points) > 1:
        return points
    x, _, y = points[0].partition(",")
    return [f"{float(x) - 3:.1f},{y}", f"{float(x) + 3:.1f},{y}"]


def _heights(top: float) -> tuple[float, list[Mark]]:
    """A round number above `top` and the marks up to it."""
    if top <= 0:
        return 1.0, [Mark(_y(0, 1.0), "0")]
    step = _round_up(top / 4)
    count = math.ceil(top / step)
    marks = [
        Mark(_y(step * number, step * count), _plain(step * number)) for number in range(count + 1)
    ]
    return step * count, marks


def _round_up(number: float) -> float:
    """1, 2 or 5 with zeros: numbers that people count in."""
    power = 10.0 ** math.floor(math.log10(number))
    return next(power * lead for lead in (1, 2, 5, 10) if power * lead >= number * 0.9999)


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 or number == int(number) else f"{number:g}"


def _times(labels: Sequence[str], step: float) -> list[Mark]:
    every = max(1, math.ceil(len(labels) / LABELS))
    shown = range(0, len(labels), every)
    return [Mark(round(_mirror(AXIS + step * (i + 0.5)), 1), labels[i]) for i in shown]


def _y(value: float, scale: float) -> float:
    return round(TOP + PLOT_HEIGHT * (1 - value / scale), 1)


def _mirror(x: float) -> float:
    return WIDTH - x if get_language_bidi() else x


def _left_edge(x: float, width: float) -> float:
    return round(WIDTH - x - width if get_language_bidi() else x, 1)
