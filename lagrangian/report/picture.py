"""Pictures as data: what is drawn, exactly, in the user's symbols; Matplotlib comes in only when one is saved or shown.

Everything that is drawn holds exact expressions and numbers, and a role that says what it means. How a role looks is decided in
``picture_style``, how an expression becomes points in ``picture_sampling``, and ``picture_drawing`` alone knows Matplotlib.
Conditions are expressions that are >= 0 where they hold. ``shade`` numbers things of one role that have to be told apart.
"""

from dataclasses import dataclass
from enum import Enum
from os import PathLike
from typing import Any, TypeAlias

from sympy import Expr, Symbol

from lagrangian.errors import MissingExtraError
from lagrangian.exact_numbers import ExactNumber

Number: TypeAlias = Expr | ExactNumber
Range: TypeAlias = tuple[float, float]


class Role(Enum):
    """What something in a picture means."""

    OBJECTIVE = "objective"
    OUTSIDE = "objective outside the feasible set"
    FEASIBLE = "feasible set"
    CONSTRAINT = "boundary of a constraint"
    STRICT = "boundary that a strict inequality leaves out"
    EQUATION = "equation"
    OPTIMAL_LEVEL = "level of the optimum"
    OPTIMUM = "optimum"
    MINIMUM = "local minimum"
    MAXIMUM = "local maximum"
    SADDLE = "saddle point"
    OTHER = "candidate of another kind"
    LATTICE = "integer point"
    OBJECTIVE_GRADIENT = "gradient of the objective"
    CONSTRAINT_GRADIENT = "gradient of a constraint"
    DUAL = "dual function"
    DOMAIN = "domain of the dual function"
    PRIMAL_VALUE = "p*"
    DUAL_VALUE = "d*"
    GAP = "gap"
    TANGENT = "tangent"
    BREAKPOINT = "breakpoint"
    REGION = "region"
    NO_OPTIMUM = "no optimum"
    ACTIVE = "active constraint"


@dataclass(frozen=True, slots=True)
class Curve:
    """The graph of ``expression`` over ``symbol``, where the conditions hold."""

    expression: Expr
    symbol: Symbol
    label: str
    role: Role
    inside: tuple[Expr, ...] = ()
    shade: int = 0


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points."""

    points: tuple[tuple[Number, Number], ...]
    label: str
    role: Role
    shade: int = 0


@dataclass(frozen=True, slots=True)
class Contours:
    """Level curves of ``expression`` over two symbols, where the conditions hold."""

    expression: Expr
    symbols: tuple[Symbol, Symbol]
    label: str
    role: Role
    inside: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """The points of the plane where ``expression`` is equal to ``level``, as far as the conditions hold."""

    expression: Expr
    symbols: tuple[Symbol, Symbol]
    level: Number
    label: str
    role: Role
    inside: tuple[Expr, ...] = ()
    shade: int = 0


@dataclass(frozen=True, slots=True)
class Area:
    """The points of the plane where all conditions hold and some functions are defined; ``name`` is written into it."""

    inside: tuple[Expr, ...]
    symbols: tuple[Symbol, Symbol]
    label: str
    role: Role
    defined: tuple[Expr, ...] = ()
    name: str = ""
    shade: int = 0


@dataclass(frozen=True, slots=True)
class Strip:
    """The points of the horizontal axis where all conditions hold, over the whole height."""

    inside: tuple[Expr, ...]
    symbol: Symbol
    label: str
    role: Role


@dataclass(frozen=True, slots=True)
class Band:
    """All heights between two numbers."""

    low: Number
    high: Number
    label: str
    role: Role


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval of the horizontal axis, drawn in a row of its own; the label stands on the vertical axis."""

    low: Number
    high: Number
    row: int
    label: str
    role: Role


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line through the whole panel at one height, or at one place of the horizontal axis."""

    level: Number
    label: str
    role: Role
    is_vertical: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A point."""

    point: tuple[Number, Number]
    label: str
    role: Role


@dataclass(frozen=True, slots=True)
class Arrow:
    """A direction at a point; its length in the picture says nothing."""

    start: tuple[Number, Number]
    direction: tuple[Expr, Expr]
    label: str
    role: Role
    shade: int = 0


Item: TypeAlias = Curve | Path | Contours | Level | Area | Strip | Band | Bar | Rule | Mark | Arrow


@dataclass(frozen=True, slots=True)
class Panel:
    """A pair of axes with what is drawn in them; ``is_equal`` gives both axes the same unit, so that right angles look right."""

    labels: tuple[str, str]
    horizontal: Range
    vertical: Range
    items: tuple[Item, ...]
    is_equal: bool = False

    def of(self, role: Role) -> tuple[Any, ...]:
        """What is drawn in this role."""
        return tuple(item for item in self.items if item.role is role)


@dataclass(frozen=True, slots=True)
class Picture:
    """Panels below each other under a title; it shows itself in a notebook.

    >>> from sympy import symbols
    >>> x = symbols("x")
    >>> parabola = Curve(x**2, x, "x²", Role.OBJECTIVE)
    >>> picture = Picture("a parabola", (Panel(("x", "f"), (-1.0, 1.0), (0.0, 1.0), (parabola,)),))
    >>> picture.panels[0].of(Role.OBJECTIVE)[0].expression
    x**2
    """

    title: str
    panels: tuple[Panel, ...]

    def save(self, path: str | PathLike[str]) -> None:
        """Write the picture to a file in the format that its ending names, such as .svg, .png or .pdf.

        Raises:
            MissingExtraError: where Matplotlib is not installed.
            ProblemError: for an ending that names no format.
        """
        from lagrangian.report.picture_drawing import save  # draws pictures, and needs an optional extra

        save(self, path)

    def _repr_svg_(self) -> str | None:
        """The picture for a notebook; None, so that it shows the text instead, where Matplotlib is not installed."""
        from lagrangian.report.picture_drawing import svg  # draws pictures, and needs an optional extra

        try:
            return svg(self)
        except MissingExtraError:
            return None

    def __str__(self) -> str:
        return f"{self.title} ({', '.join(f'{len(panel.items)} items' for panel in self.panels)})"


def saved(picture: Picture, path: str | PathLike[str] | None) -> Picture:
    """The picture, which is also written to a file where one is named."""
    if path is not None:
        picture.save(path)
    return picture
