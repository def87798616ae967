"""The sheet that a report is set on: A4, one family of type with Cyrillic and Greek, nothing smaller than nine points."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, VAlign, WrapMode, XPos, YPos
from fpdf.fonts import FontFace

FONTS = Path(__file__).parent / "fonts"
TEXT, TEXT_BOLD, FIXED = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf"
INK, GREY, LINE, TINT, ALARM = (23, 26, 33), (90, 96, 108), (190, 195, 205), (240, 242, 246), (168, 28, 28)
MARGIN_MM, BOTTOM_MM, LEADING = 20, 22, 1.45
POINT_MM = 25.4 / 72
BODY, SMALL, HEADING, TITLE = 10.5, 9, 14, 22
# Beside a label a line takes a SHA-256 in hexadecimal, and about as many signs of any text.
LABELLED, SIGNS = (20, 80), 72
ROW_MM = 2.2


class Paper(FPDF):
    """Headings, paragraphs and tables, one below the other; `footer` is filled in with page numbers."""

    def __init__(self, *, language: str, title: str, footer: str, pages: str, at: datetime) -> None:
        super().__init__()
        self._footer, self._pages = footer, pages
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
        self.cell(half, 5, self._pages.format(page=self.page_no(), pages="{nb}"), align=Align.R)
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
        self.grid([[label, value] for label, value in rows], widths=LABELLED, labelled=True)

    def height_of(self, rows: Sequence[tuple[str, str]]) -> float:
        """About how high they are, in mm."""
        lines = sum(1 + len(line) // SIGNS for _, value in rows for line in value.split("\n"))
        return lines * SMALL * POINT_MM * LEADING + len(rows) * ROW_MM

    def grid(
        self, rows: Sequence[Sequence[str]], *, widths: Sequence[int], headed: bool = False, labelled: bool = False
    ) -> None:
        """Rows of cells; `headed`: the first row is a heading on every page; `labelled`: the first column is."""
        self.set_font("text", size=SMALL)
        with self.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            col_widths=tuple(widths),
            first_row_as_headings=headed,
            num_heading_rows=1 if headed else 0,
            headings_style=FontFace(emphasis="BOLD", fill_color=TINT),
            line_height=SMALL * POINT_MM * LEADING,
            padding=(1.1, 1.2),
            text_align=Align.L,
            v_align=VAlign.T,
        ) as table:
            for cells in rows:
                row = table.row()
                for place, text in enumerate(cells):
                    row.cell(text, style=FontFace(color=GREY) if labelled and place == 0 else None)
        self.ln(1.5)

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
