"""The sheet that a report is set on: A4, one family of type with Cyrillic and Greek, nothing smaller than nine points."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import cast

from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue, TableBordersLayout, VAlign, WrapMode, XPos, YPos
from fpdf.fonts import FontFace
from fpdf.util import Padding

# It would log which signs of somebody's name the fonts do not have.
logging.getLogger("fpdf").setLevel(logging.ERROR)

FONTS = Path(__file__).parent / "fonts"
TEXT, TEXT_BOLD, FIXED = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf"
INK, GREY, LINE, TINT, ALARM = (23, 26, 33), (90, 96, 108), (190, 195, 205), (240, 242, 246), (168, 28, 28)
MARGIN_MM, BOTTOM_MM, LEADING = 20, 22, 1.45
POINT_MM = 25.4 / 72
BODY, SMALL, HEADING, TITLE = 10.5, 9, 14, 22
# Beside a label a line takes a SHA-256 in hexadecimal, and about as many signs of any text.
LABELLED, SIGNS = (20, 80), 72
ROW_MM = 2.2
PADDING_MM = Padding(1.1, 1.2, 1.1, 1.2)
# A row is never parted by the end of a page; so many lines fit on one, below a row of headings.
MOST_LINES = 40
# Where the number of pages will stand: a sign for private use, which `clean` lets through from nobody.
PAGES = "\ue000" * 3


def labelled(label: str, values: Iterable[str]) -> list[tuple[str, str]]:
    """A row for each value; the label stands before the first."""
    return [(label if place == 0 else "", value) for place, value in enumerate(values)]


class Paper(FPDF):
    """Headings, paragraphs and tables, one below the other; `footer` is filled in with page numbers."""

    def __init__(self, *, language: str, title: str, footer: str, pages: str, at: datetime) -> None:
        super().__init__()
        self._footer, self._pages = footer, pages
        self.alias_nb_pages(PAGES)
        self.set_lang(language)
        self.set_title(title)
        self.set_creator("Consentinel")
        self.set_creation_date(at)
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=BOTTOM_MM)
        for family, style, file in (("text", "", TEXT), ("text", "B", TEXT_BOLD), ("fixed", "", FIXED)):
            self.add_font(family, style, FONTS / file)
        self.add_page()
        self.set_text_color(*INK)
        self.set_draw_color(*LINE)

    def footer(self) -> None:
        self.set_y(-BOTTOM_MM + 8)
        self.set_font("text", size=SMALL)
        self.set_text_color(*GREY)
        half = self.epw / 4
        self.cell(3 * half, 5, self._footer)
        self.cell(half, 5, self._pages.format(page=self.page_no(), pages=PAGES), align=Align.R)
        self.set_text_color(*INK)

    def title_of(self, text: str, subtitle: str) -> None:
        self.write_lines(text, size=TITLE, bold=True)
        self.write_lines(subtitle, size=BODY, colour=GREY)

    def heading(self, text: str, *, needs_mm: float = 30) -> None:
        """With at least so much room below it on the same page."""
        self.keep_together(needs_mm)
        self.ln(5)
        self.start_section(text)
        self.write_lines(text, size=HEADING, bold=True)
        self.ln(0.5)

    def keep_together(self, height_mm: float) -> None:
        if self.will_page_break(height_mm):
            self.add_page()

    def paragraph(self, text: str, *, alarm: bool = False) -> None:
        self.write_lines(text, size=BODY, bold=alarm, colour=ALARM if alarm else INK)
        self.ln(1)

    def fixed(self, text: str) -> None:
        """Keys, hashes and commands, broken wherever the line ends."""
        self.write_lines(text, size=SMALL, family="fixed", by_character=True)
        self.ln(1)

    def points(self, texts: Sequence[str]) -> None:
        for text in texts:
            self._bullet()
            self.set_left_margin(MARGIN_MM + 6)
            self.paragraph(text)
            self.set_left_margin(MARGIN_MM)
        self.set_x(MARGIN_MM)

    def _bullet(self) -> None:
        self.keep_together(2 * BODY * POINT_MM * LEADING)
        self.set_font("text", size=BODY)
        self.set_x(MARGIN_MM)
        self.cell(6, BODY * POINT_MM * LEADING, "•")

    def pairs(self, rows: Sequence[tuple[str, str]]) -> None:
        """A label and its value, a row each."""
        self.grid([[label, value] for label, value in rows], widths=LABELLED, first_is_label=True)

    def height_of(self, rows: Sequence[tuple[str, str]]) -> float:
        """About how high they are, in mm."""
        lines = sum(1 + len(line) // SIGNS for _, value in rows for line in value.split("\n"))
        return lines * SMALL * POINT_MM * LEADING + len(rows) * ROW_MM

    def grid(
        self, rows: Sequence[Sequence[str]], *, widths: Sequence[int], headed: bool = False, first_is_label: bool = False
    ) -> None:
        """Rows of cells; `headed`: the first row is a heading on every page; `first_is_label`: the first column is.

        What is too long for a row goes on in the next one, below its own beginning.
        """
        self.set_font("text", size=SMALL)
        with self.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            col_widths=tuple(widths),
            first_row_as_headings=headed,
            num_heading_rows=1 if headed else 0,
            headings_style=FontFace(emphasis="BOLD", fill_color=TINT),
            line_height=SMALL * POINT_MM * LEADING,
            padding=PADDING_MM,
            text_align=Align.L,
            v_align=VAlign.T,
        ) as table:
            for cells in (part for row in rows for part in self._parts(row, widths)):
                row = table.row()
                for place, text in enumerate(cells):
                    row.cell(text, style=FontFace(color=GREY) if first_is_label and place == 0 else None)
        self.ln(1.5)

    def _parts(self, row: Sequence[str], widths: Sequence[int]) -> Iterator[Sequence[str]]:
        columns = [self._pieces(text, self.epw * width / sum(widths)) for text, width in zip(row, widths, strict=True)]
        yield from zip_longest(*columns, fillvalue="")

    def _pieces(self, text: str, width_mm: float) -> list[str]:
        """The text as it would be broken in a cell, so many lines at a time."""
        if len(text) <= MOST_LINES:
            return [text]
        measured = self.multi_cell(width_mm, text=text, padding=PADDING_MM, dry_run=True, output=MethodReturnValue.LINES)
        lines = cast("list[str]", measured)
        return ["\n".join(lines[at : at + MOST_LINES]) for at in range(0, len(lines), MOST_LINES)]

    def write_lines(
        self,
        text: str,
        *,
        size: float,
        bold: bool = False,
        family: str = "text",
        colour: tuple[int, int, int] = INK,
        by_character: bool = False,
    ) -> None:
        self.set_font(family, "B" if bold else "", size)
        self.set_text_color(*colour)
        self.multi_cell(
            0,
            size * POINT_MM * LEADING,
            text,
            align=Align.L,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
            wrapmode=WrapMode.CHAR if by_character else WrapMode.WORD,
        )
        self.set_text_color(*INK)
