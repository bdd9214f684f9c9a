"""A search for the symmetries of a polynomial problem: generators of the group of signed permutations that keep it.

The generators are a strong generating set (Sims 1970): for each variable i and each j that those already found do not reach
from it, one that fixes all variables before i and takes i to j, if there is any. Each is built up variable by variable: after
each step the terms in the variables so far must match, and a variable goes only to those that occur as it does (McKay 1981).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from lagrangian.conditions.symmetry import Form, Symmetry, Terms, form, form_up_to_sign, terms_of
from lagrangian.problem.lifting import PolynomialProblem

MOST_VARIABLES = 12
MOST_TERMS = 300
# the partial maps that are tried before the search ends with the generators found so far
MOST_TRIED = 400

Target = tuple[int, int]


def symmetry_generators(problem: PolynomialProblem) -> tuple[Symmetry, ...]:
    """Generators of the symmetries, or of some of them where a full search would take too long; none for large problems.

    >>> import sympy
    >>> from lagrangian.algebra.polynomials import Ring
    >>> x, y, z = sympy.symbols("x y z")
    >>> ring = Ring((x, y, z))
    >>> cyclic = PolynomialProblem(ring, ring.polynomial(x**2 * y + y**2 * z + z**2 * x), (), ())
    >>> symmetry_generators(cyclic)
    (Symmetry(places=(1, 2, 0), signs=(1, 1, 1)),)
    """
    groups = _groups(problem)
    if problem.dimension > MOST_VARIABLES or sum(len(table) for g in groups for table in g.tables) > MOST_TERMS:
        return ()
    search = _Search(problem.dimension, groups)
    found: list[Symmetry] = []
    for i in reversed(range(problem.dimension)):
        fixed = {k: (k, 1) for k in range(i)}
        for target in search.targets(i):
            if target not in _orbit((i, 1), found):
                symmetry = search.extension({**fixed, i: target})
                found += [symmetry] if symmetry is not None else []
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _Group:
    """Polynomials that may be mapped to each other."""

    tables: list[Terms]
    normal: Callable[[Terms], Form] = form

    def agrees(self, assignment: dict[int, Target]) -> bool:
        """Whether the terms in the assigned variables are mapped to the terms in their images."""
        images = {place for place, _ in assignment.values()}
        mapped = Counter(self.normal(_mapped(_within(table, assignment), assignment)) for table in self.tables)
        return mapped == Counter(self.normal(_within(table, images)) for table in self.tables)


def _groups(problem: PolynomialProblem) -> list[_Group]:
    tables = [terms_of(inequality) for inequality in problem.inequalities]
    return [
        _Group([terms_of(problem.objective)]),
        _Group([table for i, table in enumerate(tables) if i not in problem.strict]),
        _Group([table for i, table in enumerate(tables) if i in problem.strict]),
        _Group([terms_of(equality) for equality in problem.equalities], form_up_to_sign),
        _Group([terms_of(fact) for fact in problem.facts]),
    ]


def _within(terms: Terms, variables: Sequence[int] | set[int] | dict[int, Target]) -> Terms:
    return {
        powers: value
        for powers, value in terms.items()
        if all(i in variables for i, power in enumerate(powers) if power)
    }


def _mapped(terms: Terms, assignment: dict[int, Target]) -> Terms:
    result = {}
    for powers, value in terms.items():
        image = [0] * len(powers)
        for i, (place, sign) in assignment.items():
            image[place] = powers[i]
            if sign < 0 and powers[i] % 2:
                value = -value
        result[tuple(image)] = value
    return result


def _orbit(start: Target, generators: Sequence[Symmetry]) -> set[Target]:
    """Where products of generators take a variable with a sign."""
    seen, frontier = {start}, [start]
    while frontier:
        i, sign = frontier.pop()
        for generator in generators:
            image = generator.places[i], sign * generator.signs[i]
            if image not in seen:
                seen.add(image)
                frontier.append(image)
    return seen


@dataclass
class _Search:
    """Backtracking over partial maps, with a common limit of what is tried."""

    count: int
    groups: list[_Group]
    left: int = field(default=MOST_TRIED)

    @cached_property
    def colors(self) -> list[object]:
        """How each variable occurs, whatever the others are called and whatever the signs."""
        return [frozenset(Counter(self._occurrences(i)).items()) for i in range(self.count)]

    def _occurrences(self, variable: int) -> Iterator[object]:
        for number, group in enumerate(self.groups):
            for table in group.tables:
                terms = Counter(
                    (powers[variable], tuple(sorted(powers)), abs(value))
                    for powers, value in table.items()
                    if powers[variable]
                )
                yield number, frozenset(terms.items())

    def targets(self, variable: int) -> Iterator[Target]:
        for place in range(self.count):
            if self.colors[place] == self.colors[variable]:
                yield place, 1
                yield place, -1

    def extension(self, assignment: dict[int, Target]) -> Symmetry | None:
        """A symmetry that begins as assigned, or None if there is none or the limit is reached."""
        if self.left <= 0 or len({place for place, _ in assignment.values()}) < len(assignment):
            return None
        self.left -= 1
        if not all(group.agrees(assignment) for group in self.groups):
            return None
        if len(assignment) == self.count:
            pairs = [assignment[i] for i in range(self.count)]
            return Symmetry(tuple(place for place, _ in pairs), tuple(sign for _, sign in pairs))
        variable = self._next(assignment)
        for target in sorted(self.targets(variable), key=lambda target: _strangeness(variable, target, assignment)):
            found = self.extension({**assignment, variable: target})
            if found is not None:
                return found
        return None

    def _next(self, assignment: dict[int, Target]) -> int:
        images = [place for place, _ in assignment.values() if place not in assignment]
        return images[0] if images else next(i for i in range(self.count) if i not in assignment)


def _strangeness(variable: int, target: Target, assignment: dict[int, Target]) -> int:
    """Exchanges first, then what stays in its place: most symmetries found in practice are made of these."""
    place, sign = target
    if assignment.get(place) == (variable, sign):
        return 0
    return 1 if target == (variable, 1) else 2
