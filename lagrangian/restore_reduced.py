"""The answer to a problem with fewer variables as an answer to the problem that it was reduced from."""

from dataclasses import replace

from sympy import Eq, Expr, Le, Lt, Symbol

from lagrangian.exact_numbers import EnclosedNumber, ExactNumber
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.problem.problem import Problem
from lagrangian.problem.reductions import Reduction
from lagrangian.proof.reduced import ReducedCertificate
from lagrangian.solution import Solution, SolutionFamily


def stated_again(reduction: Reduction) -> Problem:
    """The reduced problem as one that a user could state: a minimization with all constraints as relations to zero."""
    problem = reduction.problem
    relations = [(Lt if g.strict else Le)(g.expression, 0, evaluate=False) for g in problem.inequalities]
    relations += [Eq(h.expression, 0, evaluate=False) for h in problem.equalities]
    return Problem(problem.objective, relations, over=problem.variables)


def restore_reduced(
    inner: Solution,
    inner_canonical: CanonicalProblem,
    reduction: Reduction,
    solution: Solution,
    canonical: CanonicalProblem,
    restoration: Restoration,
) -> Solution:
    """The proved answer to the reduced problem in the variables, the sense and the signs of the stated one."""
    assert inner.certificate is not None
    names = dict(zip(restoration.variables, restoration.problem.over, strict=True))
    points = tuple(_completed(point, reduction, names) for point in inner.coordinates)
    return replace(
        solution,
        status=inner.status,
        optimum=None if inner.optimum is None else with_sign(inner.optimum, restoration.objective_sign),
        coordinates=points,
        families=tuple(_family_of(f, reduction, names, restoration.objective_sign) for f in inner.families),
        multipliers={},
        shadow_prices={},
        certificate=ReducedCertificate(canonical, reduction.steps, inner_canonical, inner.certificate),
        missing=inner.missing,
    )


def _family_of(family: SolutionFamily, reduction: Reduction, names: dict[Symbol, Symbol], sign: int) -> SolutionFamily:
    """The family with the equations that define the other variables; they leave its dimension as it is."""
    equations = [equation.xreplace(names) for equation in family.equations]
    for step in reversed(reduction.steps):
        equations.append(Eq(names[step.variable], step.definition.xreplace(names), evaluate=False))
    values = reduction.completed(family.sample)
    sample = {stated: values[variable] for variable, stated in names.items()}
    return SolutionFamily(tuple(equations), family.dimension, sign * family.value, sample)


def with_sign(number: ExactNumber, sign: int) -> ExactNumber:
    if number.is_exact:
        return ExactNumber(sign * number.expression)
    ball = number.ball()
    return EnclosedNumber(sign * float(number), None if ball is None else ball * sign)


def _completed(
    point: dict[Symbol, ExactNumber], reduction: Reduction, names: dict[Symbol, Symbol]
) -> dict[Symbol, ExactNumber]:
    """The coordinates of all variables, in the order of the statement; those that were replaced follow from the others."""
    values: dict[Symbol, Expr] = reduction.completed({v: number.expression for v, number in point.items()})
    exact = all(number.is_exact for number in point.values())
    found: dict[Symbol, ExactNumber] = {}
    for variable, stated in names.items():
        if variable in point:
            found[stated] = point[variable]
        else:
            found[stated] = ExactNumber(values[variable]) if exact else EnclosedNumber(float(values[variable]))
    return found
