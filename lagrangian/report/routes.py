"""Which way a derivation takes from the conditions to the candidates: chosen by the structure of the problem."""

from enum import Enum

from lagrangian.conditions.lagrange import Lagrangian
from lagrangian.report.blocks import Block, Case, Step, say
from lagrangian.report.case_steps import cases_step, dependent_step, solving_blocks
from lagrangian.report.cases import worked_cases
from lagrangian.report.dependent import dependent_sets
from lagrangian.report.elimination import Effort, solved_by_hand
from lagrangian.report.kkt_equations import KKTEquations, kkt_equations
from lagrangian.report.one_variable import one_variable_step
from lagrangian.report.second_derivatives import second_derivative_step
from lagrangian.report.substitution import substitution_step
from lagrangian.report.systems import Worked
from lagrangian.solution import Solution

# more blocks than these are left to the full derivation
SHORT_SOLVING = 9
SHORT_UNKNOWNS = 6
NOT_SMOOTH = (
    "The functions do not have derivatives everywhere: the candidates are those of a problem in which new variables stand "
    "for the kinks."
)


class Route(Enum):
    """How the candidates of a problem are found by hand."""

    NOT_SMOOTH = "with new variables for the kinks"
    ONE_VARIABLE = "by the sign of the derivative"
    UNCONSTRAINED = "by the gradient"
    EQUATIONS = "by Lagrange's equations"
    CASES = "by the KKT conditions, case by case"


def route_of(equations: KKTEquations) -> Route:
    """The route that fits a problem without integer variables."""
    if not equations.is_smooth:
        return Route.NOT_SMOOTH
    if len(equations.variables) == 1 and not equations.equalities:
        return Route.ONE_VARIABLE
    if equations.inequalities:
        return Route.CASES
    return Route.EQUATIONS if equations.equalities else Route.UNCONSTRAINED


def worked_steps(solution: Solution, lagrangian: Lagrangian, *, full: bool) -> list[Step]:
    """The steps between the conditions and the table of candidates; in short form only what takes a few lines."""
    if not full and (lagrangian.inequality_terms or _unknowns(lagrangian) > SHORT_UNKNOWNS):
        return []
    equations, effort = kkt_equations(lagrangian), Effort()
    route = route_of(equations)
    if route is Route.NOT_SMOOTH:
        return [Step("How the conditions are solved", (say(NOT_SMOOTH),))] if full else []
    first = one_variable_step(equations) if route is Route.ONE_VARIABLE and full else None
    if first is not None:
        return [first]
    if equations.inequalities:
        return _by_cases(solution, equations, effort) if full else []
    return _by_equations(solution, lagrangian, equations, effort, full=full)


def _unknowns(lagrangian: Lagrangian) -> int:
    return len(lagrangian.problem.over) + len(lagrangian.terms)


def _by_cases(solution: Solution, equations: KKTEquations, effort: Effort) -> list[Step]:
    cases = worked_cases(equations, effort, _active_sets(solution, equations))
    return [cases_step(cases), dependent_step(equations, *dependent_sets(equations, effort))]


def _active_sets(solution: Solution, equations: KKTEquations) -> list[tuple[int, ...]]:
    """The sets of inequalities that are active at some candidate, each once, those of the best first."""
    stated = [held.stated for held in equations.inequalities]
    sets = [tuple(i for i, relation in enumerate(stated) if relation in p.active) for p in solution.stationary_points]
    return list(dict.fromkeys(sets))


def _by_equations(
    solution: Solution, lagrangian: Lagrangian, equations: KKTEquations, effort: Effort, *, full: bool
) -> list[Step]:
    worked = solved_by_hand(
        equations.labelled(()),
        equations.unknowns(()),
        functions=equations.functions,
        assumptions=equations.assumptions,
        effort=effort,
    )
    steps = [_solving(worked)] if full or size_of(worked) <= SHORT_SOLVING else []
    if not full:
        return steps
    if equations.equalities:
        steps += [step for step in (dependent_step(equations, *dependent_sets(equations, effort)),) if step is not None]
    second = second_derivative_step(solution, lagrangian, equations, worked)
    other = substitution_step(equations, worked, effort)
    return [*steps, *(step for step in (second, other) if step is not None)]


def _solving(worked: Worked) -> Step:
    blocks, outcome = solving_blocks(worked)
    return Step("Solving these equations", (*blocks, say("Result: ", *outcome.parts)))


def size_of(worked: Worked) -> int:
    """How many blocks the solving has, those of its cases included."""
    blocks, _ = solving_blocks(worked)
    return sum(map(_size, blocks))


def _size(block: Block) -> int:
    return 1 + sum(map(_size, block.blocks)) if isinstance(block, Case) else 1
