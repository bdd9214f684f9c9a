"""Symmetries: permutations of the variables, with signs, that map a polynomial problem to itself.

Such a map carries feasible points to feasible points with the same objective, and Fritz John points of a set of active
constraints to those of the set that it carries this one to.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from flint import fmpq, fmpq_mpoly

from lagrangian.algebra.numbers import AlgebraicPoint
from lagrangian.problem.lifting import PolynomialProblem

Terms = dict[tuple[int, ...], fmpq]
Form = frozenset[tuple[tuple[int, ...], fmpq]]


@dataclass(frozen=True)
class Symmetry:
    """The map that carries x to y with y_i = signs[i] * x_(places[i]).

    >>> turn = Symmetry((1, 0), (1, -1))
    >>> turn.after(turn), turn.inverse()
    (Symmetry(places=(0, 1), signs=(-1, -1)), Symmetry(places=(1, 0), signs=(-1, 1)))
    """

    places: tuple[int, ...]
    signs: tuple[int, ...]

    def after(self, first: "Symmetry") -> "Symmetry":
        """This map applied to the images of another."""
        pairs = list(zip(self.places, self.signs, strict=True))
        return Symmetry(
            tuple(first.places[place] for place, _ in pairs),
            tuple(sign * first.signs[place] for place, sign in pairs),
        )

    def inverse(self) -> "Symmetry":
        places = tuple(sorted(range(len(self.places)), key=self.places.__getitem__))
        return Symmetry(places, tuple(self.signs[i] for i in places))

    def image(self, point: AlgebraicPoint) -> AlgebraicPoint:
        pairs = zip(self.places, self.signs, strict=True)
        coordinates = point.coordinates
        return AlgebraicPoint(point.root, tuple(coordinates[p] if sign > 0 else -coordinates[p] for p, sign in pairs))

    def pulled_back(self, polynomial: fmpq_mpoly) -> fmpq_mpoly:
        """The polynomial whose value at x is that of the given one at the image of x."""
        return polynomial.context().from_dict(substituted(terms_of(polynomial), self))

    def permutes(self, count: int) -> bool:
        """Whether this is a permutation of so many variables, with signs."""
        return (
            sorted(self.places) == list(range(count))
            and len(self.signs) == count
            and all(sign in (-1, 1) for sign in self.signs)
        )


def identity(count: int) -> Symmetry:
    return Symmetry(tuple(range(count)), (1,) * count)


def moved_inequalities(problem: PolynomialProblem, symmetry: Symmetry) -> tuple[int, ...] | None:
    """For every inequality the one that is active at the image of x where it is active at x; None without symmetry.

    The objective, the inequalities with their strictness, the equalities up to their signs, and the facts must be mapped to
    themselves: g_k(image of x) = g_j(x) makes k the number in place j.

    >>> import sympy
    >>> from lagrangian.algebra.polynomials import Ring
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> box = tuple(ring.polynomial(g) for g in (-x, -y, x - 2, y - 2))
    >>> problem = PolynomialProblem(ring, ring.polynomial(x * y), box, ())
    >>> moved_inequalities(problem, Symmetry((1, 0), (1, 1))), moved_inequalities(problem, Symmetry((0, 1), (-1, -1)))
    ((1, 0, 3, 2), None)
    """
    if not symmetry.permutes(problem.dimension):
        return None
    kept = [((problem.objective,), form), (problem.equalities, form_up_to_sign), (problem.facts, form)]
    for polynomials, normal in kept:
        tables = [terms_of(polynomial) for polynomial in polynomials]
        if Counter(map(normal, tables)) != Counter(normal(substituted(table, symmetry)) for table in tables):
            return None
    return _matched(problem, symmetry)


def _matched(problem: PolynomialProblem, symmetry: Symmetry) -> tuple[int, ...] | None:
    free = defaultdict(list)
    tables = [terms_of(inequality) for inequality in problem.inequalities]
    for j, table in enumerate(tables):
        free[form(table), j in problem.strict].append(j)
    moved = [0] * len(tables)
    for k, table in enumerate(tables):
        places = free[form(substituted(table, symmetry)), k in problem.strict]
        if not places:
            return None
        moved[places.pop(0)] = k
    return tuple(moved)


def terms_of(polynomial: fmpq_mpoly) -> Terms:
    return {tuple(map(int, monomial)): value for monomial, value in polynomial.terms()}


def substituted(terms: Terms, symmetry: Symmetry) -> Terms:
    """The terms with x_i replaced by signs[i] * x_(places[i])."""
    result = {}
    for powers, value in terms.items():
        image = [0] * len(powers)
        for place, sign, power in zip(symmetry.places, symmetry.signs, powers, strict=True):
            image[place] = power
            if sign < 0 and power % 2:
                value = -value
        result[tuple(image)] = value
    return result


def form(terms: Terms) -> Form:
    return frozenset(terms.items())


def form_up_to_sign(terms: Terms) -> Form:
    if terms and terms[max(terms)] < 0:
        return form({powers: -value for powers, value in terms.items()})
    return form(terms)


def moved(support: Iterable[int], places: tuple[int, ...]) -> frozenset[int]:
    """A set of inequalities carried over by what `moved_inequalities` returned."""
    return frozenset(places[i] for i in support)
