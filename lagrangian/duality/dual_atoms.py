"""What functions are taken apart into: a quadratic polynomial, and weighted functions of the table of conjugates."""

from dataclasses import dataclass

from sympy import Expr, Integer

from lagrangian.duality import conjugates as table
from lagrangian.duality.conjugates import Conjugate

ONE = Integer(1)


class NotInTable(Exception):
    """A function is none that the table of conjugates knows; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A convex function of the table at affine arguments, or at arguments that keep it convex.

    ``rises`` says of each argument that is not affine whether the function increases in it: then the argument is convex, else
    concave. For affine ones it is None; () stands for affine arguments alone. ``region`` are the arguments that are restricted
    to be >= 0 although the function is defined elsewhere too: the constraints of the problem imply it, and the function is
    convex only there.
    """

    conjugate: Conjugate
    arguments: tuple[Expr, ...]
    parameters: tuple[Expr, ...] = ()
    region: tuple[Expr, ...] = ()
    rises: tuple[bool | None, ...] = ()

    @property
    def is_composed(self) -> bool:
        return any(rise is not None for rise in self.rises)

    @property
    def expression(self) -> Expr:
        return self.conjugate.function(self.arguments, self.parameters)

    @property
    def is_in_table(self) -> bool:
        """Whether its conjugate is known; the arguments of other functions are their variables."""
        return self.conjugate is not table.OTHER


@dataclass(frozen=True, slots=True)
class Decomposition:
    """quadratic + sum(coefficient * atom)."""

    quadratic: Expr
    atoms: tuple[tuple[Expr, Atom], ...] = ()

    def plus(self, other: "Decomposition", factor: Expr = ONE) -> "Decomposition":
        scaled = tuple((factor * coefficient, atom) for coefficient, atom in other.atoms)
        return Decomposition(self.quadratic + factor * other.quadratic, (*self.atoms, *scaled))

    def scaled(self, factor: Expr) -> "Decomposition":
        return Decomposition(Integer(0)).plus(self, factor)
