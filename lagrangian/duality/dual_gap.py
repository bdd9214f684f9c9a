"""Weak and strong duality: the primal value, the dual value, the gap between them in exact form, and the reason."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from math import isfinite
from os import PathLike
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr, Integer, Symbol

from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.duality.dual_bound import DualBound, dual_bound, proved_optimum
from lagrangian.duality.dual_certificate import duality_certificate
from lagrangian.duality.dual_function import DualFunction
from lagrangian.duality.dual_mixture import averages_to, mixture
from lagrangian.duality.dual_multipliers import (
    is_convex_on_region,
    kkt_multipliers,
    lies_inside,
    multipliers_of_optimum,
)
from lagrangian.duality.dual_problem import DualForm, DualProblem, dual_problem
from lagrangian.duality.slater import Slater, slater
from lagrangian.errors import CertificateFileError
from lagrangian.logic import Truth
from lagrangian.problem.problem import Sense
from lagrangian.processes.calls import call_with_limit, deadline_after
from lagrangian.proof.convexity import ConvexityCertificate
from lagrangian.proof.curvature import is_affine
from lagrangian.proof.duality import DualityCertificate
from lagrangian.shown import Displayed, Shown
from lagrangian.solution import Solution
from lagrangian.solve import solve
from lagrangian.status import Status
from lagrangian.stored_duality import save_duality

if TYPE_CHECKING:
    from lagrangian.report.picture import Picture

TIME_LIMIT_S = 40.0
EQUALITY_S = 8.0
CERTIFICATE_S = 20.0
SHARE_OF_SLATER = 0.4
SHARE_OF_INNER = 0.5
SCALES = (1.0, 2.0, 0.5, 1.01, 0.99, 10.0)
MOST_RAYS = 2
OPEN = "the dual value is not decided"


class Reason(Displayed, Enum):
    """Why a gap is what it is.

    Attributes:
        LINEAR: all functions are affine, and one of both problems has an optimum.
        SLATER: convex, with a strictly feasible point: d* = p*.
        KKT: a KKT point of a convex problem, whose multipliers attain d* = p*.
        EQUALITY: multipliers with the dual value p* are known, so that weak duality leaves no gap.
        WEAK: the primal is unbounded, or the dual; the other value follows.
        POSITIVE: d* is known, and is another number than p*.
        NOT_DECIDED: d* is not known; ``Duality.sentence`` says why.
    """

    LINEAR = "all functions are affine"
    SLATER = "the problem is convex and meets Slater's condition"
    KKT = "a KKT point of a convex problem"
    EQUALITY = "the dual value equals the primal value"
    WEAK = "weak duality alone"
    POSITIVE = "the dual value is another number"
    NOT_DECIDED = "not decided"


@dataclass(frozen=True, eq=False)
class Duality(Shown):
    """p*, d* and the gap |p* - d*|, with the reason in kind and in words.

    Values are oo or -oo for infeasible and unbounded problems, and None where they are not known. ``multipliers`` attain d*,
    where some are known to. ``slater`` and ``dual_solution`` are there if they were needed, and so is ``bound``, the dual
    function at the multipliers of the optimum by its inner problem: d* is no worse.

    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x, y = symbols("x y")
    >>> found = minimize(x**2 + y**2, [x + y >= 1], over=[x, y]).duality()
    >>> found.primal_value, found.dual_value, found.gap, found.reason
    (1/2, 1/2, 0, <Reason.KKT: 'a KKT point of a convex problem'>)
    """

    solution: Solution
    dual: DualProblem
    primal_value: Expr | None
    dual_value: Expr | None
    gap: Expr | None
    reason: Reason
    sentence: str
    multipliers: dict[Symbol, Expr] | None = None
    slater: Slater | None = None
    dual_solution: Solution | None = None
    bound: DualBound | None = None

    @cached_property
    def certificate(self) -> DualityCertificate | None:
        """What proves both values again, without the solver: see `lagrangian.proof.duality`; None where there is none.

        It needs finite values that are known exactly, and multipliers at which the inner problem is solved to d*.
        """
        function = self.dual.function
        multipliers = self.multipliers or multipliers_of_optimum(self.solution, function)
        primal, dual = self.primal_value, self.dual_value
        if multipliers is None or primal is None or dual is None or primal.is_infinite or dual.is_infinite:
            return None
        return duality_certificate(self.solution, function, (primal, dual), multipliers, CERTIFICATE_S)

    def save_certificate(self, path: str | PathLike[str]) -> None:
        """Write the problem, both values and their certificate to a file, for `lagrangian.verify_file` at any later time.

        Raises:
            CertificateFileError: where there is no certificate, something has no JSON form, or the file cannot be written.
        """
        if self.certificate is None:
            raise CertificateFileError(
                "there is no certificate of both values: not both were proved to be finite numbers"
            )
        save_duality(self.solution.problem, self.certificate, path)

    def explanation(self) -> tuple[str, ...]:
        """The derivation of the dual, both values and the gap, in sentences."""
        named = (("p*", self.primal_value), ("d*", self.dual_value), ("gap", self.gap))
        values = [f"{name} = {'not known' if value is None else value}" for name, value in named]
        return (*self.dual.explanation(), f"{', '.join(values)}.", f"{self.sentence[:1].upper()}{self.sentence[1:]}.")

    def plot(self, path: str | PathLike[str] | None = None) -> "Picture":
        """The dual function with p*, d* and the gap as a picture, see `lagrangian.report.dual_plot`."""
        from lagrangian.report.dual_plot import plot_duality  # above this layer: it reads duals

        return plot_duality(self, path)

    def __str__(self) -> str:
        return "\n".join(self.explanation())

    def _repr_latex_(self) -> str:
        parts = (("p^*", self.primal_value), ("d^*", self.dual_value), (r"\text{gap}", self.gap))
        shown = r",\quad ".join(f"{name} = {'?' if value is None else sympy.latex(value)}" for name, value in parts)
        return f"$\\displaystyle {shown}$"


def duality(solution: Solution, relax: Iterable[Any] | None = None, *, time_limit_s: float = TIME_LIMIT_S) -> Duality:
    """Compare an answer with the dual of its problem.

    Args:
        solution: an answer of `solve`.
        relax: which constraints get multipliers, see `dual_function`.
        time_limit_s: seconds after which solving the dual, or looking for Slater's point, is given up.

    Raises:
        ProblemError: for a constraint in ``relax`` that the problem does not have.

    Sources: Slater (1950); Rockafellar (1970), theorem 28.2; Boyd and Vandenberghe (2004), section 5.2.

    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x, y = symbols("x y")
    >>> compared = duality(minimize(x**2 + y**2, [x + y >= 4], over=[x, y]))
    >>> compared.primal_value, compared.dual_value, compared.reason.value
    (8, 8, 'a KKT point of a convex problem')
    """
    deadline = deadline_after(time_limit_s)
    dual = dual_problem(solution.problem, relax)
    primal, function = proved_optimum(solution), dual.function
    if solution.status is Status.UNBOUNDED:
        sentence = "the primal is unbounded, so by weak duality no multipliers give a finite bound"
        return Duality(solution, dual, primal, primal, Integer(0), Reason.WEAK, sentence)
    decided = (
        _at_kkt_multipliers(solution, dual, primal, 0.0)
        or _by_slater(solution, dual, primal, deadline)
        or _at_kkt_multipliers(solution, dual, primal, EQUALITY_S)
    )
    if decided is not None:
        return decided
    bound = _bound_of_optimum(solution, function, deadline)
    return (
        _by_inner_problem(solution, dual, primal, bound, deadline)
        or _by_dual_solution(solution, dual, primal, deadline)
        or Duality(
            *(solution, dual, primal, None, None, Reason.NOT_DECIDED, _why_open(solution, dual, bound)), bound=bound
        )
    )


def _at_kkt_multipliers(solution: Solution, dual: DualProblem, primal: Expr | None, limit_s: float) -> Duality | None:
    """The multipliers of the optimum as a dual point: its bound is p* by convexity, or as computed; then it is d*.

    Rational numbers are computed with at once, others within the limit.
    """
    if primal is None or primal.is_infinite:
        return None
    multipliers = kkt_multipliers(solution, dual.function)
    if multipliers is None:
        return None
    reason = _theorem(solution, dual.function)
    if reason is None and not _is_attained(dual.function, multipliers, primal, limit_s):
        return None
    sentence = {
        Reason.LINEAR: "all functions are affine, and the multipliers of the optimum attain the bound",
        Reason.KKT: "the optimum is a KKT point of a convex problem: it minimizes the Lagrangian at its multipliers",
        None: "the dual function at the multipliers of the optimum equals p*, so that no others are better",
    }[reason]
    found = reason or Reason.EQUALITY
    return Duality(solution, dual, primal, primal, Integer(0), found, sentence, multipliers)


def _theorem(solution: Solution, function: DualFunction) -> Reason | None:
    """Why the Lagrangian is least at the optimum: it is affine, or convex where the inner problem is, and stationary there."""
    if not isinstance(solution.certificate, ConvexityCertificate) or not is_convex_on_region(function):
        return None
    canonical = function.lagrangian.canonical
    return Reason.LINEAR if all(is_affine(f, canonical.variables) for f in canonical.functions) else Reason.KKT


def _is_attained(function: DualFunction, multipliers: dict[Symbol, Expr], primal: Expr, limit_s: float) -> bool:
    """Whether the dual function is p* at multipliers; arithmetic in large number fields is given up after some time."""
    if all(value.is_Rational for value in (primal, *multipliers.values())):
        return _equals(function, multipliers, primal)
    return limit_s > 0 and call_with_limit(_equals, (function, multipliers, primal), limit_s) is True


def _equals(function: DualFunction, multipliers: dict[Symbol, Expr], primal: Expr) -> bool:
    bound = function.value_at(multipliers)
    return bound is not None and not bound.is_infinite and is_zero(primal - bound) is True


def _bound_of_optimum(solution: Solution, function: DualFunction, deadline: float) -> DualBound | None:
    """The dual function at the multipliers of the optimum by solving the inner problem, where no formula is at hand."""
    multipliers = multipliers_of_optimum(solution, function)
    left = deadline - time.monotonic()
    if multipliers is None or left <= 0:
        return None
    return dual_bound(function, multipliers, time_limit_s=left * SHARE_OF_INNER)


def _by_inner_problem(
    solution: Solution, dual: DualProblem, primal: Expr | None, bound: DualBound | None, deadline: float
) -> Duality | None:
    """d* where the multipliers of the optimum are shown to be the best ones, by the minimizers of the inner problem.

    They are if its value is p*, or if weighted minimizers satisfy the constraints on average: these bound d* from the other side.
    """
    if primal is None or primal.is_infinite or bound is None or bound.value is None or bound.value.is_infinite:
        return None
    if is_zero(primal - bound.value) is True:
        sentence = "the inner problem at the multipliers of the optimum has the value p*, so that no others are better"
        return Duality(
            *(solution, dual, primal, primal, Integer(0), Reason.EQUALITY, sentence, bound.multipliers), bound=bound
        )
    left, gap = deadline - time.monotonic(), _difference(primal, bound.value, dual.sense)
    if gap is None or bound.solution is None or left <= 0:
        return None
    points = mixture(dual.function, bound.solution, left * SHARE_OF_INNER)
    if not points or averages_to(dual.function, points, bound.value) is not True:
        return None
    sentence = (
        f"the dual function is {bound.value} at the multipliers of the optimum, and {len(points)} minimizers of the Lagrangian "
        "satisfy the constraints on average, so that no multipliers are better"
    )
    return Duality(
        *(solution, dual, primal, bound.value, gap, Reason.POSITIVE, sentence, bound.multipliers), bound=bound
    )


def _by_dual_solution(solution: Solution, dual: DualProblem, primal: Expr | None, deadline: float) -> Duality | None:
    """d* from the answer to the dual problem, and its difference to p*.

    With new variables the bounds are those of the problem with their equations as constraints too: where it is not convex
    they may be worse than the Lagrangian's own, and a gap between them and p* says nothing.
    """
    if not dual.function.is_known or not dual.function.multipliers:
        return None
    solved = best_bound(dual, deadline)
    if solved is None or primal is None:
        return None
    value, answer, form = solved
    gap = _difference(primal, value, dual.sense)
    if gap is None:
        return None
    point = None if answer is None or form is None else _first_point(answer, form)
    if gap == 0:
        attained = (
            "" if answer is None or answer.status is not Status.NOT_ATTAINED else ", which no multipliers attain,"
        )
        sentence = f"the dual problem was solved: its value{attained} is p*"
        return Duality(solution, dual, primal, primal, gap, Reason.EQUALITY, sentence, point, None, answer)
    if dual.function.introduced and not _is_tight(solution, dual.function):
        return None
    sentence = f"the dual problem was solved: its value is {value}, so no multipliers close the gap"
    return Duality(solution, dual, primal, value, gap, Reason.POSITIVE, sentence, point, None, answer)


def _is_tight(solution: Solution, function: DualFunction) -> bool:
    """Whether the equations of new variables cost nothing: all inner problems are convex and meet Slater's condition."""
    points = (*solution.points, *(family.sample for family in solution.families))
    return function.convex_by_parts and any(lies_inside(function, point) for point in points)


def _first_point(answer: Solution, form: DualForm) -> dict[Symbol, Expr] | None:
    points = (*answer.points, *(family.sample for family in answer.families))
    return form.multipliers(points[0]) if points and answer.status is Status.OPTIMAL else None


def _difference(primal: Expr, dual: Expr, sense: Sense) -> Expr | None:
    """|p* - d*| in exact form; 0 where it is proved to be; None where its sign is not decided."""
    if primal.is_infinite or dual.is_infinite:
        return Integer(0) if primal == dual else sympy.oo
    difference = primal - dual if sense is Sense.MAXIMIZE else dual - primal
    if is_zero(difference) is True:
        return Integer(0)
    simplified = sympy.radsimp(sympy.expand(difference)) if difference.is_number else sympy.expand(difference)
    return simplified if is_zero(difference) is False and is_nonnegative(difference) is True else None


def best_bound(dual: DualProblem, deadline: float) -> tuple[Expr, Solution | None, DualForm | None] | None:
    """d* with the answer and the form that give it; None where some form is not solved exactly.

    The first form alone decides where it is feasible and holds on a dense part of the domain.
    """
    sign = 1 if dual.sense is Sense.MAXIMIZE else -1
    best: tuple[Expr, Solution | None, DualForm | None] = (-sign * sympy.oo, None, None)
    known = dual.function.is_complete
    for form in sorted(dual.forms, key=lambda form: not form.is_densest):
        left = deadline - time.monotonic()
        answer = solve(form.problem, time_limit_s=left) if left > 0 else None
        value = None if answer is None else proved_optimum(answer)
        if answer is None or value is None or (best[2] is not None and _order(sign, value, best[0]) is None):
            return best if best[2] is not None and best[2].is_densest else None
        if answer.status is Status.INFEASIBLE:
            continue
        if best[2] is None or _order(sign, value, best[0]) or _attains(answer, value, best):
            best = (value, answer, form)
        known = known or form.is_densest
        if form.is_densest and answer.status is not Status.NOT_ATTAINED:
            break
    return best if known else None


def _order(sign: int, value: Expr, best: Expr) -> Truth:
    """Whether a value is better than the best one so far."""
    if value.is_infinite or best.is_infinite:
        return bool(sign * value > sign * best)
    return is_positive(sign * (value - best)) if is_zero(value - best) is not True else False


def _attains(answer: Solution, value: Expr, best: tuple[Expr, Solution | None, DualForm | None]) -> bool:
    """Whether an answer has a point for a value that the best one so far only comes near."""
    better = answer.status is Status.OPTIMAL and best[1] is not None and best[1].status is Status.NOT_ATTAINED
    return better and is_zero(value - best[0]) is True


def _by_slater(solution: Solution, dual: DualProblem, primal: Expr | None, deadline: float) -> Duality | None:
    """The theorem alone: p* = d* for a convex problem with Slater's point, whatever the dual function is.

    It holds whether p* is known or not. Constraints that are kept make the bound better, so they change nothing.
    """
    left = deadline - time.monotonic()
    if solution.status is Status.INFEASIBLE or left <= 0:
        return None
    known = slater(solution.problem, known=_points_around(solution), time_limit_s=left * SHARE_OF_SLATER)
    if known.holds is not True or known.point is None or not is_convex_on_region(dual.function, known.point):
        return None
    proved = solution.status in (Status.OPTIMAL, Status.NOT_ATTAINED)
    value = primal if primal is not None else (solution.value if proved else None)
    sentence = f"the problem is convex, and {known.reason}"
    return Duality(solution, dual, value, value, Integer(0), Reason.SLATER, sentence, None, known)


def _points_around(solution: Solution) -> list[dict[Symbol, Expr]]:
    """Rational points on the rays through the optima, to be tested exactly: quantities are often to spare if all are scaled."""
    if solution.problem.parameters:
        return []
    return [
        {v: sympy.Rational(round(factor * float(number), 6)).limit_denominator(10**6) for v, number in point.items()}
        for point in solution.coordinates[:MOST_RAYS]
        if all(isfinite(float(number)) for number in point.values())
        for factor in SCALES
    ]


def _why_open(solution: Solution, dual: DualProblem, bound: DualBound | None) -> str:
    return f"{OPEN}: {_what_is_missing(solution, dual)}{_what_is_known(dual, bound)}"


def _what_is_missing(solution: Solution, dual: DualProblem) -> str:
    if dual.function.missing is not None:
        return dual.function.missing
    if proved_optimum(solution) is None:
        return f"the primal value is not known exactly ({solution.status.value})"
    if dual.function.introduced and not _is_tight(solution, dual.function):
        return "the dual function is known with new variables only, whose equations may widen the gap"
    return "the dual problem was not solved exactly in the time given to it"


def _what_is_known(dual: DualProblem, bound: DualBound | None) -> str:
    """The bound of d* by the multipliers of the optimum, which others may improve."""
    if bound is None or bound.value is None or bound.value.is_infinite:
        return ""
    side = "at least" if dual.sense is Sense.MAXIMIZE else "at most"
    return f"; it is {side} {bound.value}, the dual function at the multipliers of the optimum"
