"""What can be drawn, exactly, in the user's symbols, each with a role that says what it means.

Conditions are expressions that are >= 0 where they hold. ``shade`` numbers things of one role that have to be told apart.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from sympy import Expr, Symbol

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
    PART = "gradient of a constraint, without its weight"
    OUTLINE = "axis"
    CONE = "cone of the gradients of the active constraints"
    NO_GRADIENT = "gradient of a constraint that is zero"
    DUAL = "dual function"
    DOMAIN = "domain of the dual function"
    PRIMAL_VALUE = "p*"
    DUAL_VALUE = "d*"
    GAP = "gap"
    TANGENT = "tangent"
    VALUE = "value function"
    UNPROVED = "value that is not proved"
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
    """Level curves of ``expression`` over two symbols, where the conditions hold.

    The levels are chosen by the values where ``focus`` holds too, if it does anywhere.
    """

    expression: Expr
    symbols: tuple[Symbol, Symbol]
    label: str
    role: Role
    inside: tuple[Expr, ...] = ()
    focus: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """The points of the plane where ``expression`` is equal to ``level``, as far as the conditions hold.

    ``name`` is written onto the curve, and beside the label.
    """

    expression: Expr
    symbols: tuple[Symbol, Symbol]
    level: Number
    label: str
    role: Role
    inside: tuple[Expr, ...] = ()
    shade: int = 0
    name: str = ""


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
    shade: int = 0


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
    """A gradient at a point; its length in the picture says nothing, and is ``size`` times the usual one.

    Where a unit is not equally long on both axes, it is drawn as the gradient by the coordinates as they are drawn: at right
    angles to the contours, and parallel gradients stay parallel.
    """

    start: tuple[Number, Number]
    direction: tuple[Expr, Expr]
    label: str
    role: Role
    shade: int = 0
    size: float = 1.0


@dataclass(frozen=True, slots=True)
class Vector:
    """An arrow from one point to another, to scale."""

    start: tuple[Number, Number]
    end: tuple[Number, Number]
    label: str
    role: Role
    shade: int = 0


@dataclass(frozen=True, slots=True)
class Cone:
    """All sums of the generators with weights >= 0, drawn as the directions of gradients at a point."""

    start: tuple[Number, Number]
    generators: tuple[tuple[Expr, Expr], ...]
    label: str
    role: Role


@dataclass(frozen=True, slots=True)
class Sheet:
    """The graph of ``expression`` over two symbols as a surface; where not all conditions hold it is pale."""

    expression: Expr
    symbols: tuple[Symbol, Symbol]
    label: str
    role: Role
    inside: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Lift:
    """The points of a surface above those of the plane where a function is equal to ``level``."""

    curve: Level
    surface: Expr

    @property
    def label(self) -> str:
        return self.curve.label

    @property
    def role(self) -> Role:
        return self.curve.role

    @property
    def shade(self) -> int:
        return self.curve.shade


@dataclass(frozen=True, slots=True)
class Pin:
    """A point in space."""

    point: tuple[Number, Number, Number]
    label: str
    role: Role


Item: TypeAlias = Curve | Path | Contours | Level | Area | Strip | Band | Bar | Rule | Mark | Arrow | Vector | Cone
SpaceItem: TypeAlias = Sheet | Lift | Pin
