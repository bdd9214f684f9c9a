"""Whether a certificate speaks of a given problem: a proof about another one proves nothing."""

from collections.abc import Sequence
from dataclasses import replace

import sympy
from sympy import Expr

from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.guards import guards
from lagrangian.problem.lifting import NotPolynomialError, PolynomialProblem, lift
from lagrangian.proof.certificate import Certificate, Claim


def is_about(certificate: Certificate, problem: CanonicalProblem) -> bool:
    """Whether a certificate speaks of this problem, or of the polynomial one that it becomes by `lift`."""
    about = getattr(certificate, "problem", None) or getattr(getattr(certificate, "closed", None), "problem", None)
    if isinstance(about, CanonicalProblem):
        return is_same_problem(about, problem)
    if not isinstance(about, PolynomialProblem):
        return False
    integers = frozenset(i for i, variable in enumerate(problem.variables) if variable in problem.integers)
    lifted = lifting_of(problem)
    return (
        lifted is not None
        and is_same_polynomials(about, lifted)
        and integers == getattr(certificate, "integers", frozenset())
        # what is infeasible with weak inequalities is so with strict ones
        and (certificate.claim is Claim.INFEASIBLE or lifted.strict == getattr(certificate, "strict", about.strict))
    )


def is_same_problem(left: CanonicalProblem, right: CanonicalProblem) -> bool:
    """Whether two problems are the same but for the relations that their constraints stand for."""
    return (
        left.objective == right.objective
        and [(g.expression, g.strict) for g in left.inequalities]
        == [(g.expression, g.strict) for g in right.inequalities]
        and [h.expression for h in left.equalities] == [h.expression for h in right.equalities]
        and (left.variables, left.parameters, left.integers) == (right.variables, right.parameters, right.integers)
        and set(left.assumptions) <= set(right.assumptions)
    )


def is_closed_lifting(polynomial: PolynomialProblem, problem: CanonicalProblem) -> bool:
    """Whether a polynomial problem is the lifted form of a problem in continuous variables, strictness left aside."""
    lifted = None if problem.integers else lifting_of(problem)
    return lifted is not None and is_same_polynomials(polynomial, lifted)


def lifting_of(problem: CanonicalProblem) -> PolynomialProblem | None:
    """The polynomial problem, without integrality; None where there is none."""
    try:
        return lift(replace(problem, integers=frozenset()))[0]
    except NotPolynomialError:
        return None


def is_same_polynomials(left: PolynomialProblem, right: PolynomialProblem) -> bool:
    """Whether two polynomial problems have the same functions and facts, strictness left aside."""
    return (
        left.dimension == right.dimension
        and all(
            list(map(str, getattr(left, part))) == list(map(str, getattr(right, part)))
            for part in ("inequalities", "equalities", "facts")
        )
        and str(left.objective) == str(right.objective)
    )


def is_same_statement(left: CanonicalProblem, right: CanonicalProblem) -> bool:
    """Whether two canonical problems are the same up to the order of their constraints."""
    if (set(left.variables), set(left.parameters), left.integers) != (
        set(right.variables), set(right.parameters), right.integers,
    ):  # fmt: skip
        return False
    if set(left.assumptions) != set(right.assumptions):
        return False
    inequalities = ([(g.expression, g.strict) for g in side.inequalities] for side in (left, right))
    equalities = ([(h.expression, False) for h in side.equalities] for side in (left, right))
    return _is_same(left.objective, right.objective) and _are_same(*inequalities) and _are_same(*equalities)


def _are_same(left: Sequence[tuple[Expr, bool]], right: Sequence[tuple[Expr, bool]]) -> bool:
    """Whether each function of one list, with its strictness, is one of the other's."""
    rest = list(right)
    for function, strict in left:
        found = next((r for r in rest if r == (function, strict)), None) or next(
            (r for r in rest if r[1] == strict and _is_same(r[0], function)), None
        )
        if found is None:
            return False
        rest.remove(found)
    return not rest


def _is_same(left: Expr, right: Expr) -> bool:
    return bool(left == right or (sympy.expand(left - right) == 0 and guards(left) == guards(right)))
