"""Certificates by z3: "feasible and better" has no solution.

z3 decides formulas in polynomial inequalities by cylindrical cells (nlsat; Jovanovic and de Moura 2012). It gives no
proof that could be checked without it: the certificate states the question, as text in SMT-LIB 2 that other programs read as
well, and its check asks z3 again. Without z3 nothing is known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from flint import fmpq, fmpq_mpoly, fmpq_poly

from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement, RealRoot, compare
from lagrangian.logic import Truth
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.enumeration import is_feasible, is_strict

LONGEST_CHECK_S = 30.0
BRACKET_BITS = 64


def z3_is_installed() -> bool:
    return find_spec("z3") is not None


@dataclass(frozen=True, eq=False)
class Z3Certificate(Certificate):
    """z3 finds that no feasible point has F < v, and some points have the value v; without a value, that nothing is feasible."""

    problem: PolynomialProblem
    value: FieldElement | None = None
    minimizers: tuple[AlgebraicPoint, ...] = ()

    kind = "z3"

    @property
    def claim(self) -> Claim:  # type: ignore[override]
        return Claim.INFEASIBLE if self.value is None else Claim.GLOBAL_OPTIMUM

    @property
    def formula(self) -> str:
        """What z3 is asked, in SMT-LIB 2."""
        return formula(self.problem, None if self.value is None else self.value.number)

    def verify(self) -> Truth:
        if self.value is None:
            if self.minimizers:
                return False
        elif not self.minimizers or not all(self._is_minimizer(point, self.value) for point in self.minimizers):
            return False
        answer = is_satisfiable(self.formula)
        return None if answer is None else not answer

    def _is_minimizer(self, point: AlgebraicPoint, value: FieldElement) -> bool:
        return (
            compare(point.value(self.problem.objective), value) == 0
            and is_feasible(self.problem, point)
            and is_strict(self.problem, point, self.problem.strict)
        )

    def explanation(self) -> tuple[str, ...]:
        asked = "that a point is feasible" if self.value is None else "that a point is feasible and better"
        return (
            f"The statement {asked} is a formula of polynomial inequalities, which z3 decides: it has no solution.",
            "This rests on the program z3, which gives no proof of its own; a check asks it again.",
        )


def formula(problem: PolynomialProblem, value: RealRoot | None) -> str:
    """The feasible points with F < value, or all of them, as assertions about real numbers.

    >>> import sympy
    >>> from lagrangian.algebra.polynomials import Ring
    >>> ring = Ring(sympy.symbols("x y"))
    >>> print(formula(PolynomialProblem(ring, ring.constant(0), ring.generators[:1], ()), None))
    (declare-const x0 Real)
    (declare-const x1 Real)
    (assert (<= x0 0))
    """
    lines = [f"(declare-const x{i} Real)" for i in range(problem.dimension)]
    for i, g in enumerate(problem.inequalities):
        lines.append(f"(assert ({'<' if i in problem.strict else '<='} {_term(g)} 0))")
    lines += [f"(assert (<= {_term(g)} 0))" for g in problem.facts]
    lines += [f"(assert (= {_term(h)} 0))" for h in problem.equalities]
    if value is not None:
        lines += _better(problem.objective, value)
    return "\n".join(lines)


def _better(objective: fmpq_mpoly, value: RealRoot) -> Iterator[str]:
    """F < v, where v is a number or is pinned down by its minimal polynomial and an interval that holds no other root."""
    if value.degree == 1:
        constant, leading = value.modulus.coeffs()
        yield f"(assert (< {_term(objective)} {_number(fmpq(-constant, leading))}))"
        return
    ball = value.enclosure(BRACKET_BITS)
    yield "(declare-const v Real)"
    yield f"(assert (= {_in_v(fmpq_poly(value.modulus))} 0))"
    yield f"(assert (<= {_number(ball.lower().fmpq())} v {_number(ball.upper().fmpq())}))"
    yield f"(assert (< {_term(objective)} v))"


def _in_v(polynomial: fmpq_poly) -> str:
    terms = [_product([_number(c), *["v"] * power]) for power, c in enumerate(polynomial.coeffs()) if c != 0]
    return _sum(terms)


def _term(polynomial: fmpq_mpoly) -> str:
    return _sum(
        [
            _product([_number(value), *(f"x{i}" for i, power in enumerate(monomial) for _ in range(int(power)))])
            for monomial, value in polynomial.terms()
        ]
    )


def _sum(terms: list[str]) -> str:
    return f"(+ {' '.join(terms)})" if len(terms) > 1 else "".join(terms) or "0"


def _product(factors: list[str]) -> str:
    kept = [factor for factor in factors if factor != "1"] or ["1"]
    return f"(* {' '.join(kept)})" if len(kept) > 1 else kept[0]


def _number(value: fmpq) -> str:
    size = str(abs(int(value.p))) if value.q == 1 else f"(/ {abs(int(value.p))} {int(value.q)})"
    return size if value >= 0 else f"(- {size})"


def is_satisfiable(text: str, limit_s: float = LONGEST_CHECK_S) -> Truth:
    """Whether the assertions have a common solution; None where z3 is not installed or does not decide it in time."""
    if not z3_is_installed():
        return None
    import z3  # an optional program

    solver = z3.Tactic("qfnra-nlsat").solver()
    solver.set("timeout", int(1000 * limit_s))
    solver.add(z3.parse_smt2_string(text))
    answer = solver.check()
    return True if answer == z3.sat else False if answer == z3.unsat else None
