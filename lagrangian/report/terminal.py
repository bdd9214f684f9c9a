"""A derivation for a terminal: colored, and fitted to its width."""

from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

from rich.box import ASCII2, ROUNDED, Box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table as Columns
from rich.text import Text
from sympy import MatrixBase

from lagrangian.report import plain
from lagrangian.report.answer import Answer
from lagrangian.report.blocks import Block, Case, Formulas, Sentence, Step, Table
from lagrangian.screen import Screen, spelled
from lagrangian.status import Status

WIDEST_SENTENCE = 100
NARROW = 60
# a table some of whose columns would have to be narrower than this becomes a list
LEAST_COLUMN = 9
# between two columns: a space on either side, and that of the rule
GAP = 3
HEADING, LABEL, REMARK = "bold cyan", "blue", "dim"
COLORS = {
    Status.OPTIMAL: "green",
    Status.LOCAL: "yellow",
    Status.UNDECIDED: "yellow",
    Status.INFEASIBLE: "red",
    Status.UNBOUNDED: "magenta",
    Status.NOT_ATTAINED: "magenta",
}


def render(steps: Sequence[Step], screen: Screen, answer: Answer | None = None) -> str:
    """Numbered steps with formulas and tables in columns that are wrapped where they must, and the answer in a frame below."""
    page = _Page(screen)
    for number, step in enumerate(steps, start=1):
        page.show(page.text(f"{number}. {step.title}", HEADING))
        page.show("")
        for block in step.blocks:
            page.show(page.indented(page.block(block)))
            page.show("")
    if answer is not None:
        page.show(page.frame(answer))
    return page.written()


class _Page:
    """Turns blocks into what Rich can print on this screen."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.margin = 2 if screen.width < NARROW else 4
        self.console = Console(
            file=StringIO(),
            width=screen.width,
            force_terminal=screen.colors,
            color_system="standard" if screen.colors else None,
            legacy_windows=False,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def show(self, renderable: RenderableType) -> None:
        self.console.print(renderable)

    def written(self) -> str:
        """All that was shown, without spaces at the ends of lines."""
        lines = self.console.file.getvalue().splitlines()  # type: ignore[attr-defined]
        return "\n".join(line.rstrip() for line in lines).rstrip("\n") + "\n"

    def text(self, value: Any, style: str = "") -> Text:
        shown = plain.cell(value)
        return Text(shown if self.screen.unicode else spelled(shown), style=style)

    def indented(self, renderable: RenderableType) -> RenderableType:
        return Padding(renderable, (0, 0, 0, self.margin))

    def block(self, block: Block) -> RenderableType:
        if isinstance(block, Sentence):
            return self.sentence(block)
        if isinstance(block, Formulas):
            return self.formulas(block)
        return self.table(block) if isinstance(block, Table) else self.case(block)

    def sentence(self, sentence: Sentence, style: str = "") -> RenderableType:
        words = self.text("".join(plain.cell(part) for part in sentence.parts), style)
        return Padding(words, (0, max(0, self.screen.width - WIDEST_SENTENCE - self.margin), 0, 0))

    def formulas(self, block: Formulas) -> RenderableType:
        """Labels before formulas that hang behind them where they are wrapped; matrices in rows."""
        grid = Columns.grid(padding=(0, 2))
        labels = any(label for label, _ in block.lines)
        if labels:
            grid.add_column(style=LABEL, max_width=max(self.screen.width // 3, 8))
        grid.add_column(overflow="fold")
        for label, value in block.lines:
            cell = self.matrix(value) if isinstance(value, MatrixBase) else self.text(value)
            grid.add_row(*([self.text(label)] if labels else []), cell)
        return grid

    def matrix(self, matrix: MatrixBase) -> RenderableType:
        grid = Columns.grid(padding=(0, 2))
        for row in matrix.tolist():
            grid.add_row(*(self.text(entry) for entry in row))
        return grid

    def table(self, block: Table) -> RenderableType:
        widths = self.widths(block)
        return Group(*self.records(block)) if widths is None else self.columns(block, widths)

    def widths(self, block: Table) -> list[int | None] | None:
        """How wide the columns are that need not be wrapped, the narrow ones first; None for a table that is far too wide."""
        columns = list(
            zip(*([self.text(cell).cell_len for cell in row] for row in (block.header, *block.rows)), strict=True)
        )
        natural = [max(column) for column in columns]
        room = self.screen.width - self.margin - GAP * (len(natural) - 1)
        if sum(min(width, LEAST_COLUMN) for width in natural) > room:
            return None
        fixed: list[int | None] = [None] * len(natural)
        for place in sorted(range(len(natural)), key=lambda place: natural[place]):
            others = sum(
                min(natural[other], LEAST_COLUMN)
                for other, width in enumerate(fixed)
                if width is None and other != place
            )
            if natural[place] + others > room:
                break
            fixed[place] = natural[place]
            room -= natural[place]
        return fixed

    def columns(self, block: Table, widths: list[int | None]) -> Columns:
        rule = "──" if self.screen.unicode else "--"
        head = Box("    \n" * 2 + f" {rule} \n" + "    \n" * 5, ascii=not self.screen.unicode)
        table = Columns(box=head, show_edge=False, pad_edge=False, header_style="bold")
        for title, width in zip(block.header, widths, strict=True):
            table.add_column(self.text(title), overflow="fold", width=width)
        for row in block.rows:
            table.add_row(*map(self.text, row))
        return table

    def records(self, block: Table) -> Iterator[RenderableType]:
        """The rows of a table that is too wide, one below the other."""
        for number, row in enumerate(block.rows):
            if number:
                yield Text("")
            yield self.formulas(Formulas(tuple(zip(map(plain.cell, block.header), row, strict=True))))

    def case(self, case: Case) -> RenderableType:
        arrow = self.text(plain.ARROW, "bold")
        outcome = Columns.grid()
        outcome.add_row(arrow, self.sentence(case.outcome, "bold"))
        inside = [*map(self.block, case.blocks), outcome]
        return Group(self.sentence(case.title, "underline"), *map(self.indented, inside))

    def frame(self, answer: Answer) -> RenderableType:
        color = COLORS[answer.status]
        word = answer.status.value.replace("_", " ")
        lines = [self.text(answer.sentence, "bold"), *(self.text(line, REMARK) for line in answer.remarks)]
        return Panel(
            Group(*lines),
            title=Text(word, style=f"bold {color}"),
            title_align="left",
            border_style=color,
            box=ROUNDED if self.screen.unicode else ASCII2,
            expand=False,
        )
