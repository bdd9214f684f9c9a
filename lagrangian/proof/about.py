"""Whether a certificate speaks of a given problem: a proof about another one proves nothing."""

from dataclasses import replace

from lagrangian.problem.canonical import CanonicalProblem
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
