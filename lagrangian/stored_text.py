"""A stored answer in words."""

import sympy
from sympy import Expr

from lagrangian.algebra.closed_form import closed_form
from lagrangian.algebra.numbers import FieldElement
from lagrangian.problem.canonical import Restoration
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem
from lagrangian.status import Status
from lagrangian.stored import CertificateFile, StoredAnswer, StoredNumber
from lagrangian.stored_duality import DualityFile


def answer_text(file: CertificateFile) -> str:
    """The answer in words, in the signs of the problem as stated."""
    answer, problem = file.answer, file.problem
    restoration = canonicalize(problem)[1]
    which = "minimum" if restoration.objective_sign > 0 else "maximum"
    subject = f"{problem.objective}{_conditions(problem)}"
    if answer.status is Status.INFEASIBLE:
        return f"no point is feasible in the problem of the {which} of {subject}"
    if answer.status is Status.UNBOUNDED:
        return f"the {which} of {subject} does not exist: the objective is unbounded"
    value = (
        ""
        if answer.value is None
        else number_text(answer.value if restoration.objective_sign > 0 else answer.value.negated)
    )
    if answer.status is Status.NOT_ATTAINED:
        limit = "infimum" if restoration.objective_sign > 0 else "supremum"
        return f"the {limit} of {subject} is {value}, and it is not attained"
    local = "a local " if answer.status is Status.LOCAL else "the "
    return f"{local}{which} of {subject} is {value}{_points_text(answer, restoration)}"


def duality_text(file: DualityFile) -> str:
    """Both values in words, in the signs of the problem as stated."""
    certificate, problem = file.duality.certificate, file.problem
    sign = canonicalize(problem)[1].objective_sign
    which = "minimum" if sign > 0 else "maximum"
    stated = f"{problem.objective}{_conditions(problem)}"
    primal, dual = sign * certificate.primal_value, sign * certificate.dual_value
    limits = " ".join(certificate.limits_in_words())
    if certificate.gap == 0:
        text = f"the {which} of {stated} is {primal}, and so is the optimal value of its dual"
    elif certificate.is_exact:
        text = f"the {which} of {stated} is {primal}, that of its dual {dual}, and the gap {certificate.gap}"
    else:
        text = f"the {which} of {stated} lies between {primal} and {dual}, a value of the dual function"
    return f"{text} ({limits.rstrip('.')})" if limits else text


def _conditions(problem: Problem) -> str:
    return f" subject to {', '.join(map(str, problem.all_constraints))}" if problem.all_constraints else ""


def number_text(number: StoredNumber) -> str:
    if number.exact is not None:
        return str(expression_of(number.exact))
    if number.low is None or number.high is None:
        return "not known exactly"
    low, high = (float(sympy.Rational(int(end.p), int(end.q))) for end in (number.low, number.high))
    return f"between {low:.15g} and {high:.15g}"


def _points_text(answer: StoredAnswer, restoration: Restoration) -> str:
    exact = [p for p in answer.points if all(number.exact is not None for number in p)]
    if not exact or answer.value is None or answer.value.exact is None:
        return ""
    shown = [
        ", ".join(f"{v} = {number_text(x)}" for v, x in zip(restoration.variables, p, strict=True)) for p in exact[:3]
    ]
    more = f" and {len(exact) - 3} other points" if len(exact) > 3 else ""
    return f", at {'; '.join(shown)}{more}"


def expression_of(number: FieldElement | Expr) -> Expr:
    """The number in closed form."""
    return closed_form(number) if isinstance(number, FieldElement) else number
