"""Cell formats by meaning, made once per workbook: `style.header`, `style.money`, `style.missing`.

A restrained office look that survives a black-and-white printer: weight, borders and grey carry the meaning, colour only
repeats it. 宋体 is on every Windows and WPS machine; elsewhere the charset tells the office suite to take its own
Chinese font.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

FONT = "宋体"
HEADING_FONT = "黑体"
GB_CHARSET = 134
SIZE = 11

BASE_FONT: dict[str, Any] = {
    "font_name": FONT,
    "font_charset": GB_CHARSET,
    "font_family": 3,
    "font_size": SIZE,
    "font_scheme": "none",  # else the theme's font, Calibri, wins over the name
}
BASE: dict[str, Any] = {**BASE_FONT, "valign": "vcenter"}

LINE = "#808080"
HEADER_FILL = "#E7E6E6"
INPUT_FILL = "#FFF9DB"
AUTO_FILL = "#F2F2F2"
RED = "#C00000"
GREY = "#595959"
LEFT_OUT = "#7F7F7F"

_BOXED: dict[str, Any] = {"border": 1, "border_color": LINE}
_HEADING: dict[str, Any] = {"font_name": HEADING_FONT, "bold": True}
_TYPED: dict[str, Any] = {"locked": False, "text_wrap": True}

A4, A3 = 9, 8
_ROOM = {A4: 785.0, A3: 1133.0}
"""Points between the margins of a landscape page."""
SMALLEST = 7.0
"""Points below which nothing is printed: nobody reads it."""


DIGIT, WIDE_DIGIT = 5.25, 7.05
"""Points of a digit in the width of a column: of 宋体 as columns are reckoned here, of the widest font that stands in where it is missing."""


def printed_scale(widths: Iterable[float], paper: int, digit: float = DIGIT) -> float:
    """How much columns of these widths shrink to one landscape page of that size; 1 where they fit."""
    return min(1.0, _ROOM[paper] / sum((width + 5 / 7) * digit for width in widths))


def paper_for(widths: Iterable[float], size: float, digit: float = DIGIT) -> int:
    """A4 where the smallest script, of `size` points, can be read on that, else A3."""
    return A4 if printed_scale(widths, A4, digit) * size >= SMALLEST else A3


def footer_size(widths: Iterable[float]) -> int:
    """Points of a footer that shrinks with the columns of an A4 page and can still be read."""
    return max(9, math.ceil(SMALLEST / printed_scale(widths, A4, WIDE_DIGIT)))


MONEY_FORMAT = "#,##0.00####"
# Excel's own formats by their index: 0.00 · #,##0 · 0.00% · @
POINTS_FORMAT, COUNT_FORMAT, RATE_FORMAT, TEXT_FORMAT = 2, 3, 10, 49


class Look:
    """The properties behind one name of `Style`; the format is made when a workbook first uses it."""

    def __init__(self, **properties: Any) -> None:
        self.properties = properties

    @overload
    def __get__(self, style: None, owner: type[Style]) -> Look: ...
    @overload
    def __get__(self, style: Style, owner: type[Style]) -> Format: ...
    def __get__(self, style: Style | None, owner: type[Style]) -> Look | Format:
        return self if style is None else style.made(**self.properties)


class Style:
    """The formats of one workbook.

    Attributes are formats (`style.money`); `made` gives any other combination on the same font, `on` a variation of a
    format that exists. Equal properties give the same format, so a workbook carries each one once.
    """

    # words around a table
    title = Look(**_HEADING, font_size=16)
    subtitle = Look(font_color=GREY)
    section = Look(**_HEADING, font_size=12, bottom=1, bottom_color=LINE)
    paragraph = Look(text_wrap=True, valign="top")
    note = Look(font_size=10, font_color=GREY, text_wrap=True)
    strong = Look(bold=True)
    link = Look(font_color="#1F3864", underline=1, text_wrap=True)

    # a table
    header = Look(**_HEADING, **_BOXED, bg_color=HEADER_FILL, align="center", text_wrap=True)
    label = Look(**_BOXED, text_wrap=True, bg_color=AUTO_FILL)
    text = Look(**_BOXED, text_wrap=True)
    boxed_note = Look(**_BOXED, font_size=10, font_color=GREY, text_wrap=True)
    centered = Look(**_BOXED, text_wrap=True, align="center")
    money = Look(**_BOXED, num_format=MONEY_FORMAT)
    points = Look(**_BOXED, num_format=POINTS_FORMAT)
    rate = Look(**_BOXED, num_format=RATE_FORMAT)
    count = Look(**_BOXED, num_format=COUNT_FORMAT)
    number = Look(**_BOXED)
    total_text = Look(**_BOXED, bold=True, bg_color=AUTO_FILL, text_wrap=True)
    total_money = Look(**_BOXED, bold=True, bg_color=AUTO_FILL, num_format=MONEY_FORMAT)
    total_points = Look(**_BOXED, bold=True, bg_color=AUTO_FILL, num_format=POINTS_FORMAT)
    total_rate = Look(**_BOXED, bold=True, bg_color=AUTO_FILL, num_format=RATE_FORMAT)

    # something is wrong: bold and framed, so that it shows in black and white
    missing = Look(border=5, border_color=RED, bold=True, font_color=RED, text_wrap=True)
    error = Look(**_BOXED, bold=True, font_color=RED, text_wrap=True)
    warning = Look(**_BOXED, bold=True, text_wrap=True)

    # columns a person fills; boxes and yellow come from conditional formats, so that a blank cell stays out of the file
    input_text = Look(**_TYPED, num_format=TEXT_FORMAT)
    input_centered = Look(**_TYPED, num_format=TEXT_FORMAT, align="center")
    input_money = Look(locked=False, num_format=MONEY_FORMAT)
    input_points = Look(locked=False, align="center")
    input_number = Look(locked=False)
    computed_rate = Look(num_format=RATE_FORMAT, align="center")

    live_text = Look(locked=False, text_wrap=True, bg_color=AUTO_FILL, font_color=GREY)
    live_points = Look(locked=False, align="center", bg_color=AUTO_FILL, font_color=GREY)

    # what conditional formats add
    when_input = Look(**_BOXED, bg_color=INPUT_FILL)
    when_auto = Look(**_BOXED, bg_color=AUTO_FILL)
    when_wrong = Look(font_color=RED, bold=True)
    when_left_out = Look(font_color=LEFT_OUT, italic=True)
    when_wrong_input = Look(**_BOXED, bg_color=INPUT_FILL, font_color=RED, bold=True)  # LibreOffice shows one of several conditions

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._properties: dict[int, dict[str, Any]] = {}

    def made(self, **properties: Any) -> Format:
        """The format with these xlsxwriter properties on the workbook's font."""
        key = tuple(sorted(properties.items()))
        found = self._formats.get(key)
        if found is None:
            # A conditional format may not carry font name, size or alignment: it only adds to what the cell has.
            base = {} if properties in _CONDITIONAL else BASE
            found = self._formats[key] = self._workbook.add_format({**base, **properties})
            self._properties[id(found)] = properties
        return found

    def on(self, base: Format, **changes: Any) -> Format:
        """A format of this style with some properties changed: `style.on(style.text, bold=True)`."""
        return self.made(**{**self._properties[id(base)], **changes})

    def quoted(self, base: Format | None) -> Format:
        """The format for a text that begins like a formula, so that editing the cell in Excel keeps it a text."""
        return self.made(**(self._properties[id(base)] if base is not None else {}), quote_prefix=True)


_CONDITIONAL = tuple(look.properties for look in (Style.when_input, Style.when_auto, Style.when_wrong, Style.when_left_out, Style.when_wrong_input))
