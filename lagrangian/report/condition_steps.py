"""The problem, its Lagrangian and its conditions as steps of a derivation."""

from collections.abc import Iterable

import sympy
from sympy import Basic, Eq, Symbol
from sympy.core.relational import Relational

from lagrangian.conditions.kkt import groups_of, kkt_system
from lagrangian.conditions.lagrange import Lagrangian
from lagrangian.conditions.ordered_sum import scaled
from lagrangian.problem.problem import Problem, Sense
from lagrangian.report.blocks import Block, Formulas, Step, Table, listed, say
from lagrangian.report.kkt_equations import KINKED, kkt_equations


def statement(problem: Problem) -> Step:
    constraints = problem.all_constraints
    labels = ["subject to", *[""] * len(constraints)]
    lines = [(_verb(problem), problem.objective), *zip(labels, constraints, strict=False)]
    closing: list[str | Basic] = ["over the real variables ", *listed(problem.over)]
    if problem.parameters:
        word = "parameter" if len(problem.parameters) == 1 else "parameters"
        closing += [f", with the {word} ", *listed(problem.parameters)]
    if problem.integers:
        closing += [", of which integer: ", *listed([v for v in problem.over if v in problem.integers])]
    return Step("The problem", (Formulas(tuple(lines)), say(*closing, ".")))


def _verb(problem: Problem) -> str:
    return "minimize" if problem.sense is Sense.MINIMIZE else "maximize"


def lagrangian_step(lagrangian: Lagrangian) -> Step:
    blocks: list[Block] = [Formulas((("", Eq(Symbol("L"), lagrangian.written, evaluate=False)),))]
    if len(lagrangian.terms) > 1:
        rows = tuple((term.multiplier, term.stated) for term in lagrangian.terms)
        blocks.append(Table(("multiplier", "constraint"), rows))
    return Step("The Lagrangian", tuple(blocks))


def conditions(lagrangian: Lagrangian) -> Step:
    over, objective = lagrangian.problem.over, lagrangian.problem.objective
    if not lagrangian.terms:
        equations = [Eq(derivative(objective, v), 0, evaluate=False) for v in over]
        return Step("Stationary points: the gradient vanishes", (_by_variable(over, equations),))
    if not lagrangian.inequality_terms:
        return _gradient_equations(lagrangian)
    lines = [
        (name if first else "", relation)
        for name, relations in _groups(lagrangian)
        for first, relation in zip((True, *[False] * len(relations)), relations, strict=False)
    ]
    return Step("The Karush-Kuhn-Tucker conditions", (Formulas(tuple(lines)),))


def _groups(lagrangian: Lagrangian) -> list[tuple[str, tuple[Relational, ...]]]:
    """The groups of conditions with the slacks as they are written."""
    slackness = tuple(
        Eq(scaled(term.multiplier, term.written_slack), 0, evaluate=False) for term in lagrangian.inequality_terms
    )
    groups = dict(groups_of(kkt_system(lagrangian)))
    groups |= {"complementary slackness": slackness}
    if any(function.has(*KINKED) for function in lagrangian.canonical.functions):
        # in real symbols, which print alike: SymPy's derivative of Abs(y) for a complex y is nothing to read
        slopes = kkt_equations(lagrangian).stationarity
        groups["stationarity"] = tuple(Eq(entry, 0, evaluate=False) for entry in slopes)
    return list(groups.items())


def _gradient_equations(lagrangian: Lagrangian) -> Step:
    over, terms = lagrangian.problem.over, lagrangian.equality_terms
    equations = [
        Eq(
            derivative(lagrangian.problem.objective, variable),
            sympy.Add(*(term.multiplier * sympy.diff(term.slack, variable) for term in terms)),
            evaluate=False,
        )
        for variable in over
    ]
    unknowns = [*over, *(term.multiplier for term in terms)]
    return Step(
        "Gradient equations: ∇f = λ ∇g, together with the constraints",
        (
            _by_variable(over, equations),
            Formulas(
                tuple((f"({number}) constraint", term.stated) for number, term in enumerate(terms, start=len(over) + 1))
            ),
            say(f"These are {len(unknowns)} equations for ", *listed(unknowns), "."),
        ),
    )


def derivative(expression: sympy.Expr, variable: Symbol) -> sympy.Expr:
    """The derivative, multiplied out where that makes it shorter."""
    found = sympy.diff(expression, variable)
    return min(found, sympy.expand(found), key=sympy.count_ops)


def _by_variable(over: Iterable[Symbol], equations: Iterable[Relational]) -> Formulas:
    pairs = enumerate(zip(over, equations, strict=True), start=1)
    return Formulas(tuple((f"({number}) ∂/∂{variable}", equation) for number, (variable, equation) in pairs))
