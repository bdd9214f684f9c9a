"""A canonical problem with parameters as an exact linear or quadratic program, where it is one; affine functions as expressions.

Terms of the parameters that are not affine, such as b**2 or exp(b), are treated as parameters of their own, "generators": regions
that cover all values of the generators cover all those of the parameters.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sympy
from flint import fmpq, fmpq_mat
from sympy import Eq, Expr, Ge, Gt, Le, Lt, Poly, Rational, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from lagrangian.duality.parametric_polyhedra import Condition, Row, negated, primitive
from lagrangian.duality.parametric_program import ParametricProgram
from lagrangian.duality.parametric_sets import ParameterSet, cut_to_zeros, matrix_of_rows
from lagrangian.errors import ProblemError
from lagrangian.problem.canonical import CanonicalProblem


@dataclass(eq=False)
class Generators:
    """The terms in which functions of the parameters are affine; reading a function may add some."""

    terms: list[Expr] = field(default_factory=list)

    def coefficients(self, expression: Expr) -> dict[Expr, fmpq]:
        """{term: coefficient}, the rational constant under the term 1; irrational numbers are terms like others."""
        found: dict[Expr, fmpq] = {}
        for part in sympy.Add.make_args(sympy.expand(expression)):
            number, term = part.as_coeff_Mul(rational=True)
            if term != 1 and term not in self.terms:
                self.terms.append(term)
            found[term] = found.get(term, fmpq(0)) + fmpq(int(number.p), int(number.q))
        return found

    def row(self, coefficients: dict[Expr, fmpq]) -> Row:
        return (*(coefficients.get(term, fmpq(0)) for term in self.terms), coefficients.get(sympy.S.One, fmpq(0)))

    def expression(self, row: Sequence[fmpq]) -> Expr:
        """a_1 term_1 + ... + a_p term_p + c."""
        parts = [rational(a) * term for a, term in zip(row, (*self.terms, sympy.S.One), strict=True)]
        return sympy.Add(*parts)

    def relation(self, row: Row, kind: type[Relational]) -> Boolean:
        """row <= 0, < 0 or = 0 (``kind`` is Le, Lt or Eq) with one term alone on the left, or no negative coefficient.

        >>> b, c = sympy.symbols("b c", real=True)
        >>> generators = Generators([b, c])
        >>> generators.relation((fmpq(-2), fmpq(0), fmpq(3)), Le), generators.relation((fmpq(1), fmpq(-2), fmpq(3)), Lt)
        (b >= 3/2, b + 3 < 2*c)
        """
        row = primitive(row)
        places = [k for k, value in enumerate(row[:-1]) if value != 0]
        mirrored: dict[type[Relational], type[Relational]] = {Le: Ge, Lt: Gt, Eq: Eq}
        if len(places) == 1:
            (place,) = places
            kind = kind if row[place] > 0 else mirrored[kind]
            return kind(self.terms[place], rational(-row[-1] / row[place]))
        left = self.expression(tuple(max(value, fmpq(0)) for value in row))
        return kind(left, self.expression(tuple(max(-value, fmpq(0)) for value in row)))


def rational(value: fmpq) -> Rational:
    return Rational(int(value.p), int(value.q))


@dataclass(frozen=True, eq=False)
class ReadProgram:
    """A program, the generators of its affine functions, and the admissible parameters."""

    program: ParametricProgram
    generators: Generators
    admissible: ParameterSet


def read_program(canonical: CanonicalProblem) -> ReadProgram | str:
    """The program that a canonical problem states; a text that says why it is none, with rational numbers in its matrices.

    Raises:
        ProblemError: where no parameters satisfy the assumptions.
    """
    variables, generators = canonical.variables, Generators(list(canonical.parameters))
    read = [
        _affine_in_terms(f, variables, generators, degree=2 if k == 0 else 1) for k, f in enumerate(canonical.functions)
    ]
    for function, parts in zip(canonical.functions, read, strict=True):
        if isinstance(parts, str):
            return f"{function} {parts}"
    objective, *rest = (parts for parts in read if not isinstance(parts, str))
    admissible = admissible_parameters(canonical.assumptions, generators)
    held = len(canonical.inequalities)
    rows, right = _sides(rest[:held], len(variables), generators)
    equation_rows, equation_right = _sides(rest[held:], len(variables), generators)
    slope = matrix_of_rows([generators.row(c) for c in objective.linear], len(generators.terms) + 1)
    strict = tuple(inequality.strict for inequality in canonical.inequalities)
    program = ParametricProgram(objective.hessian, slope, rows, right, strict, equation_rows, equation_right)
    return ReadProgram(program, generators, admissible)


@dataclass(frozen=True, eq=False)
class _Parts:
    hessian: fmpq_mat
    linear: list[dict[Expr, fmpq]]
    constant: dict[Expr, fmpq]


def _affine_in_terms(
    function: Expr, variables: Sequence[Symbol], generators: Generators, *, degree: int
) -> _Parts | str:
    """The parts of x.Q x / 2 + c.x + r with rational Q, and c (and r, of a constraint) affine in the generators."""
    try:
        polynomial = Poly(function, *variables)
    except sympy.PolynomialError:
        return "is no polynomial in the variables"
    if polynomial.total_degree() > degree:
        return f"has a degree above {degree} in the variables"
    count = len(variables)
    hessian = fmpq_mat(count, count)
    linear: list[dict[Expr, fmpq]] = [{} for _ in variables]
    constant: dict[Expr, fmpq] = {}
    for exponents, coefficient in polynomial.terms():
        total = sum(exponents)
        if total == 2:
            if not coefficient.is_Rational:
                return "has a product of variables with a coefficient that is no rational number"
            i, j = (k for k, e in enumerate(exponents) for _ in range(e))
            half = fmpq(int(coefficient.p), int(coefficient.q))
            hessian[i, j] += half
            hessian[j, i] += half
        elif total == 1 or degree == 1:
            found = generators.coefficients(coefficient)
            if total == 1 and degree == 1 and set(found) != {sympy.S.One}:
                return "has a coefficient that is no rational number"
            if total == 1:
                linear[exponents.index(1)] = found
            else:
                constant = found
    return _Parts(hessian, linear, constant)


def _sides(constraints: Iterable[_Parts], count: int, generators: Generators) -> tuple[fmpq_mat, fmpq_mat]:
    """A and b(t) of A x <= b(t)."""
    rows, right = [], []
    for parts in constraints:
        rows.append(tuple(c.get(sympy.S.One, fmpq(0)) for c in parts.linear))
        right.append(negated(generators.row(parts.constant)))
    return matrix_of_rows(rows, count), matrix_of_rows(right, len(generators.terms) + 1)


def admissible_parameters(assumptions: Iterable[Relational], generators: Generators) -> ParameterSet:
    """The values of the generators that the assumptions allow, and some more where a relation is not affine in them.

    Raises:
        ProblemError: where there are none.
    """
    known = [relation for relation in assumptions if _is_affine_in(relation, generators)]
    count = len(generators.terms)
    found = ParameterSet(count).where(sign_conditions(generators))
    found = found.where(
        c for relation in known if not isinstance(relation, Eq) for c in conditions_of(relation, generators)
    )
    equations = [_row(relation, generators) for relation in known if isinstance(relation, Eq)]
    _, onto = cut_to_zeros(found, equations)
    if onto is None or onto.is_empty:
        raise ProblemError(
            f"the assumptions {', '.join(map(str, assumptions)) or 'of the parameters'} contradict each other: "
            "no values of the parameters satisfy all of them; leave one out"
        )
    return onto.on_its_hull()


def _is_affine_in(relation: Relational, generators: Generators) -> bool:
    trial = Generators(list(generators.terms))
    trial.coefficients(relation.lhs - relation.rhs)
    return len(trial.terms) == len(generators.terms)


def _row(relation: Relational, generators: Generators) -> Row:
    return generators.row(generators.coefficients(relation.lhs - relation.rhs))


def conditions_of(relation: Relational, generators: Generators) -> list[Condition]:
    """An affine relation as conditions, two for an equation."""
    row = _row(relation, generators)
    if isinstance(relation, Eq):
        return [Condition(row), Condition(negated(row))]
    return [Condition(row if isinstance(relation, Le | Lt) else negated(row), isinstance(relation, Lt | Gt))]


def sign_conditions(generators: Generators) -> list[Condition]:
    """What SymPy knows of the signs of the generators."""
    count, conditions = len(generators.terms), []
    for place, term in enumerate(generators.terms):
        unit = tuple(fmpq(int(k == place)) for k in range(count + 1))
        if term.is_nonnegative:
            conditions.append(Condition(negated(unit), strict=bool(term.is_positive)))
        elif term.is_nonpositive:
            conditions.append(Condition(unit, strict=bool(term.is_negative)))
    return conditions
