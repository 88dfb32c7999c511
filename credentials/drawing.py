"""The picture of a timeline as SVG: once for a wide page, once anew for a phone, with names above the bars.

Grounds differ by pattern and lightness as well as by hue, so that the picture reads in greyscale. Presentation
attributes only: the Content-Security-Policy refuses styles.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import clock
from credentials.models import Ground
from credentials.timeline import WITHOUT, History, Line, Span

INK, QUIET, LINE, RED, BAND = "#1b1b1b", "#565c65", "#dfe1e2", "#8b0a03", "#f8e4e2"
FILLS = {
    Ground.Kind.APPOINTMENT: "#005ea2",
    Ground.Kind.ACTING: "acting",
    Ground.Kind.DESIGNATION: "designation",
    Ground.Kind.REQUEST: "request",
    WITHOUT: "without",
}
STROKES = {
    Ground.Kind.APPOINTMENT: "#005ea2",
    Ground.Kind.ACTING: "#005ea2",
    Ground.Kind.DESIGNATION: "#0f6460",
    Ground.Kind.REQUEST: "#54278f",
    WITHOUT: "#b50909",
}
ARROW = 4


@dataclass(frozen=True)
class Layout:
    """Measures of one drawing, in its own units."""

    prefix: str
    width: int
    left: int
    right: int
    bar: int
    size: float
    above: bool
    months: int

    @property
    def span(self) -> int:
        return self.width - self.left - self.right


WIDE = Layout("w", width=1200, left=272, right=96, bar=19, size=14, above=False, months=13)
NARROW = Layout("n", width=358, left=6, right=20, bar=13, size=12, above=True, months=7)


def draw(history: History, layout: Layout, *, title: str) -> SafeString:
    """The whole picture. Its description says in words what it shows."""
    return _Drawing(history, layout).svg(title)


def swatch(kind: str) -> SafeString:
    """A key of the legend for one ground, or for knowing without authority."""
    prefix = f"k-{kind}"
    return format_html(
        '<svg class="oa-timeline__key" width="30" height="19" viewBox="0 0 30 19" aria-hidden="true">{}{}</svg>',
        _patterns(prefix),
        _bar(prefix, kind, 1, 1, 28, 17),
    )


class _Drawing:
    def __init__(self, history: History, layout: Layout) -> None:
        self.history, self.layout = history, layout
        self.start, self.length = history.start, (history.end - history.start).total_seconds()
        self.top = 68 if not layout.above else 54
        self.lane = 36
        self.rows = [self._height(line) for line in history.lines]
        self.bottom = self.top + self.lane + sum(self.rows)
        self.height = self.bottom + 34

    def x(self, moment: datetime) -> float:
        part = (moment - self.start).total_seconds() / self.length
        return self.layout.left + self.layout.span * min(max(part, 0), 1)

    def _labels(self, line: Line) -> list[str]:
        return textwrap.wrap(line.text, 34)[:2]

    def _height(self, line: Line) -> int:
        return 46 if self.layout.above else 34 + 17 * len(self._labels(line))

    def svg(self, title: str) -> SafeString:
        prefix = self.layout.prefix
        parts = [
            *self._bands(), *self._months(), *(self._versions() if self.layout.above else ()), *self._lane(),
            *self._rows(), *(() if self.layout.above else self._versions()), *self._marks(), *self._today(),
        ]  # fmt: skip
        return format_html(
            '<svg class="oa-timeline__svg oa-timeline__svg--{0}" viewBox="0 0 {1} {2}" role="img" '
            'aria-labelledby="{0}-title {0}-desc" font-size="{3}" xmlns="http://www.w3.org/2000/svg">'
            '<title id="{0}-title">{4}</title><desc id="{0}-desc">{5}</desc>{6}'
            '<rect width="{1}" height="{2}" fill="#fff"/>{7}</svg>',
            prefix,
            self.layout.width,
            self.height,
            self.layout.size,
            title,
            " ".join(line.words for line in self.history.lines),
            _patterns(prefix),
            format_html_join("", "{}", ((part,) for part in parts)),
        )

    def _bands(self) -> Iterable[SafeString]:
        for span in self.history.without:
            left, width = self._place(span)
            yield _rect(left, self.top, width, self.bottom - self.top, BAND)

    def _place(self, span: Span) -> tuple[float, float]:
        left = self.x(span.start)
        return left, max(self.x(span.end) - left, 1.5)

    def _months(self) -> Iterable[SafeString]:
        layout = self.layout
        for day, label in _ticks(self.history, layout.months):
            place = self.x(clock.start_of(day))
            yield _line(place, 28, place, self.bottom, LINE)
            if place < layout.width - layout.right - (42 if layout.above else 10):
                yield _text(place + 4, 20, label, QUIET)
                if not layout.above:
                    yield _text(place + 4, self.bottom + 22, label, QUIET)
        yield _line(0, self.top, layout.width, self.top, LINE)
        if not layout.above:
            yield _line(layout.left - 8, 0, layout.left - 8, self.height, LINE)
            if self.history.versions:
                yield _text(12, 54, _("Password version"), INK, bold=True)

    def _lane(self) -> Iterable[SafeString]:
        layout, spans = self.layout, self.history.without
        middle = self.top + self.lane / 2
        count = self.history.days_without
        days = ngettext("%(count)d day", "%(count)d days", count) % {"count": count}
        label = _("Known without authority")
        if layout.above:
            text = f"{label}: {days}" if count else _("Never known without authority")
            yield _text(8, self.top + 13, text, RED if count else QUIET, bold=True, halo=True)
        else:
            yield _text(12, middle + 5, label, RED if count else QUIET, bold=True)
        free = layout.left - 1.0
        for span in spans:
            left, width = self._place(span)
            top, height = (self.top + 18, 12) if layout.above else (middle - 9, 18)
            yield _rect(left, top, width, height, "#b50909")
            if layout.above:
                continue
            number = len(span.days)
            said = ngettext("%(count)d day", "%(count)d days", number) % {"count": number}
            if width > 62:
                yield _text(left + width / 2, middle + 5, said, "#fff", bold=True, anchor="middle")
            elif left + width + 5 > free and not self._hidden(left + width, spans):
                yield _text(left + width + 5, middle + 5, said, RED, bold=True)
                free = left + width + 70
        yield _line(0, self.top + self.lane, layout.width, self.top + self.lane, LINE)

    def _hidden(self, right: float, spans: Sequence[Span]) -> bool:
        """Whether another bar of the lane begins where the text would stand."""
        return any(right < self.x(span.start) < right + 62 for span in spans)

    def _rows(self) -> Iterable[SafeString]:
        layout, top = self.layout, float(self.top + self.lane)
        for line, height in zip(self.history.lines, self.rows, strict=True):
            bar_top = top + 24 if layout.above else top + (height - layout.bar) / 2
            if layout.above:
                yield _text(
                    8, top + 16, textwrap.shorten(line.title, 30, placeholder="…"), INK, bold=True, halo=True
                )
            else:
                yield _text(12, top + 23, textwrap.shorten(line.title, 32, placeholder="…"), INK, bold=True)
                for number, part in enumerate(self._labels(line)):
                    yield _text(12, top + 40 + 17 * number, part, QUIET, size=13)
            for at, number in line.versions:
                place = self.x(at)
                yield _line(place, bar_top - 5, place, bar_top + layout.bar + 5, INK, width=2)
                yield _text(place + 3, bar_top - 7, f"v{number}", INK, size=11, bold=True)
            for held in line.held:
                left, width = self._place(held.span)
                yield _bar(layout.prefix, held.kind, left, bar_top, width, layout.bar, title=held.authority)
                if held.goes_on:
                    yield _arrow(
                        left + width + ARROW, bar_top + layout.bar / 2, STROKES[Ground.Kind(held.kind)]
                    )
            yield from self._ignorant(line, bar_top, top)
            top += height
            yield _line(0, top, layout.width, top, LINE)

    def _ignorant(self, line: Line, bar_top: float, top: float) -> Iterable[SafeString]:
        """Spans without authority, and beside the last one which version the person knew or knows."""
        layout = self.layout
        for one in line.without:
            left, width = self._place(one.span)
            yield _bar(layout.prefix, WITHOUT, left, bar_top, width, layout.bar)
        if not line.without:
            return
        last = line.without[-1]
        numbers = sorted({one.number for one in line.without})
        known = ", ".join(f"v{number}" for number in numbers)
        text = (_("knows {what}") if last.goes_on else _("knew {what}")).format(what=known)
        left, width = self._place(last.span)
        if layout.above:
            yield _text(layout.width - 8, top + 16, text, RED, bold=True, anchor="end", halo=True)
        elif not any(held.span.start >= last.span.end for held in line.held):
            # Below the bar where the page has no room at its right.
            yield _text(left + width + 8, bar_top + layout.bar - 4, text, RED, bold=True)

    def _versions(self) -> Iterable[SafeString]:
        """Vertical lines across all rows, each with a flag; flags that would overlap stand without a date."""
        free = 0.0
        places = [self.x(at) for at, _number in self.history.versions]
        for place, (at, number) in zip(places, self.history.versions, strict=True):
            yield _line(place, 38, place, self.bottom, INK, width=1.5)
            if place < free:
                continue
            wide = 14 + 8 * len(str(number))
            yield _rect(place, 38, wide, 20, INK)
            yield _text(place + wide / 2, 52.5, f"v{number}", "#fff", bold=True, size=12, anchor="middle")
            free = place + wide + 2
            if not self.layout.above:
                label = date_format(clock.day_of(at), "M j")
                room = (
                    min([other for other in places if other > place], default=self.x(self.history.end)) - free
                )
                if room > 52:
                    yield _text(free + 4, 53, label, QUIET)
                    free += 52

    def _marks(self) -> Iterable[SafeString]:
        layout, top = self.layout, float(self.top + self.lane)
        radius = 4.5 if not layout.above else 3
        for line, height in zip(self.history.lines, self.rows, strict=True):
            middle = top + 24 + layout.bar / 2 if layout.above else top + height / 2
            for at in line.reveals:
                yield format_html(
                    '<circle cx="{}" cy="{}" r="{}" fill="#fff" stroke="{}" stroke-width="1.75"/>',
                    _number(self.x(at)), _number(middle), radius, INK,
                )  # fmt: skip
            for at in line.handled:
                yield format_html(
                    '<circle cx="{}" cy="{}" r="{}" fill="{}" stroke="#fff" stroke-width="1.25"/>',
                    _number(self.x(at)), _number(middle), radius, INK,
                )  # fmt: skip
            for one in line.emergencies:
                said = _("Break-glass, {day}: {what}").format(
                    day=date_format(clock.day_of(one.at), "DATE_FORMAT"), what=one.what
                )
                yield triangle(self.x(one.at), middle, 9 if not layout.above else 7, title=said)
            top += height

    def _today(self) -> Iterable[SafeString]:
        if self.history.end < self.history.now:
            return
        place = self.x(self.history.now)
        yield _line(place, 38, place, self.bottom, INK, dashes="2 3")
        day = date_format(clock.day_of(self.history.now), "M j")
        if self.layout.above:
            yield _text(self.layout.width - 2, 20, _("Today"), INK, bold=True, anchor="end")
        else:
            yield _text(place + 6, 20, _("Today, {day}").format(day=day), INK, bold=True)


def _ticks(history: History, most: int) -> list[tuple[date, str]]:
    """Firsts of months, so few that their names don't touch; the year at the first and at each January."""
    first, last = clock.day_of(history.start), clock.day_of(history.end)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    step = next(one for one in (1, 2, 3, 4, 6, 12, 24, 60, 120) if months / one <= most or one == 120)
    found: list[tuple[date, str]] = []
    for number in range(-(-(first.month - 1) // step) * step, first.month - 1 + months, step):
        day = date(first.year + number // 12, number % 12 + 1, 1)
        if day < first:
            continue
        with_year = not found or day.month == 1 or (step > 6)
        found.append((day, date_format(day, "M Y" if with_year else "M")))
    if not found:
        days = max((last - first).days, 1)
        every = max(1, -(-days // 7))
        found = [
            (first + timedelta(days=one), date_format(first + timedelta(days=one), "M j"))
            for one in range(0, days, every)
        ]
    return found


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _rect(left: float, top: float, width: float, height: float, fill: str) -> SafeString:
    return format_html(
        '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>',
        *(_number(one) for one in (left, top, width, height)),
        fill,
    )


def _line(
    left: float, top: float, right: float, bottom: float, stroke: str, *, width: float = 1, dashes: str = ""
) -> SafeString:
    dashed = format_html(' stroke-dasharray="{}"', dashes) if dashes else ""
    return format_html(
        '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"{}/>',
        *(_number(one) for one in (left, top, right, bottom)),
        stroke,
        width,
        dashed,
    )


def _text(
    left: float,
    base: float,
    text: str,
    fill: str,
    *,
    bold: bool = False,
    size: float = 0,
    anchor: str = "",
    halo: bool = False,
) -> SafeString:
    more = format_html(
        "{}{}{}{}",
        mark_safe(' stroke="#fff" stroke-width="3" paint-order="stroke"') if halo else "",
        mark_safe(' font-weight="700"') if bold else "",
        format_html(' font-size="{}"', size) if size else "",
        format_html(' text-anchor="{}"', anchor) if anchor else "",
    )
    return format_html(
        '<text x="{}" y="{}" fill="{}"{}>{}</text>', _number(left), _number(base), fill, more, text
    )


def _bar(
    prefix: str, kind: str, left: float, top: float, width: float, height: float, *, title: str = ""
) -> SafeString:
    fill = FILLS[kind]
    paint = fill if fill.startswith("#") else f"url(#{prefix}-{fill})"
    said = format_html("<title>{}</title>", title) if title else ""
    return format_html(
        '<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}" stroke-width="1.5">{}</rect>',
        *(_number(one) for one in (left, top, width, height)),
        paint,
        STROKES[kind],
        said,
    )


def _arrow(left: float, middle: float, stroke: str) -> SafeString:
    return format_html(
        '<path d="M{0} {1}l5 5l-5 5" fill="none" stroke="{2}" stroke-width="2.5"/>',
        _number(left),
        _number(middle - 5),
        stroke,
    )


def triangle(left: float, middle: float, size: float, *, title: str = "") -> SafeString:
    """The mark of a break-glass."""
    said = format_html("<title>{}</title>", title) if title else ""
    points = (
        f"{_number(left)},{_number(middle - size)} {_number(left + size)},{_number(middle + size * 0.8)} "
        f"{_number(left - size)},{_number(middle + size * 0.8)}"
    )
    return format_html(
        '<polygon points="{}" fill="#ffbe2e" stroke="{}" stroke-width="1.5">{}</polygon>', points, INK, said
    )


def _patterns(prefix: str) -> SafeString:
    return format_html(
        "<defs>"
        '<pattern id="{0}-acting" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="8" height="8" fill="#d9e8f6"/><rect width="4" height="8" fill="#005ea2"/></pattern>'
        '<pattern id="{0}-designation" width="8" height="8" patternUnits="userSpaceOnUse">'
        '<rect width="8" height="8" fill="#0f6460"/><circle cx="2" cy="2" r="1.1" fill="#fff"/>'
        '<circle cx="6" cy="6" r="1.1" fill="#fff"/></pattern>'
        '<pattern id="{0}-request" width="5" height="8" patternUnits="userSpaceOnUse">'
        '<rect width="5" height="8" fill="#ede3fa"/><rect width="1.75" height="8" fill="#54278f"/></pattern>'
        '<pattern id="{0}-without" width="7" height="7" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(-45)"><rect width="7" height="7" fill="#fff"/>'
        '<rect width="2" height="7" fill="#b50909"/></pattern>'
        "</defs>",
        prefix,
    )
