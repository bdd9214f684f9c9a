"""The order in which methods are tried, cheapest first, and the time that each may take.

A method is a function (task, known, deadline) -> finding; see `lagrangian.methods.task`. It has a turn in the table below; it may
have two, a short one before slower methods and a long one after them. Turns are taken until the problem is decided.
"""

from lagrangian.methods.enclosing import by_functions, by_intervals, by_relaxations, by_squares
from lagrangian.methods.exact import (
    boxes_around_closed_forms,
    changed_variables,
    closed_forms,
    complete_list,
    convex_closed_forms,
    quadratic_program,
    short_list,
    whole_line,
)
from lagrangian.methods.infinity import growing_curve, unbounded_curve, unbounded_curve_from_feasible_points
from lagrangian.methods.integers import INTEGER_TURNS
from lagrangian.methods.numeric import local_solutions, some_local_solutions
from lagrangian.methods.parts import by_parts
from lagrangian.methods.reduced import quickly_without_defined_variables, without_defined_variables
from lagrangian.methods.turns import (
    Turn,
    is_bounded_only,
    is_constrained,
    is_continuous,
    is_defined_transcendental,
    is_not_polynomial,
    is_on_line,
    is_open_somewhere,
    is_polynomial,
    is_several,
    may_be_unbounded,
)

# the names that the progress line shows
LIST, FORMS, BOXES = "complete list of candidates", "points in closed form", "boxes around closed forms"
CURVES, LOCAL, FEWER, SQUARES = "curves to infinity", "local solutions", "fewer variables", "sums of squares"
FUNCTIONS, RELAXATIONS = "relaxations of functions", "branch and bound with relaxations"
INTERVALS = "interval branch and bound"

SCHEDULE: tuple[Turn, ...] = (
    # name            method                     for which tasks    share  seconds at most
    # what is exact, where it is not hopeless
    Turn("linear and quadratic programs", quadratic_program, is_polynomial, 0.20, 20.0),
    Turn(CURVES, unbounded_curve, may_be_unbounded, 0.05, 1.0),
    Turn(LIST, short_list, is_polynomial, 0.20, 20.0),
    Turn("changes of variables", changed_variables, is_not_polynomial, 0.20, 60.0),
    Turn("one variable", whole_line, is_on_line, 0.30, 20.0),
    Turn(FORMS, convex_closed_forms, is_defined_transcendental, 0.10, 6.0),
    Turn(FEWER, quickly_without_defined_variables, is_defined_transcendental, 0.20, 10.0),
    Turn("a sum of parts", by_parts, is_several, 0.15, 10.0),
    Turn("orders of growth", growing_curve, is_open_somewhere, 0.10, 4.0),
    Turn(FORMS, closed_forms, is_not_polynomial, 0.20, 8.0),
    # a first look by all other methods
    Turn(LOCAL, some_local_solutions, is_continuous, 0.08, 3.5),
    Turn(CURVES, unbounded_curve_from_feasible_points, may_be_unbounded, 0.05, 2.0),
    Turn(BOXES, boxes_around_closed_forms, is_continuous, 0.15, 8.0),
    Turn(INTERVALS, by_intervals, is_bounded_only, 0.15, 6.0),
    Turn(FUNCTIONS, by_functions, is_continuous, 0.20, 8.0),
    Turn(SQUARES, by_squares, is_continuous, 0.10, 4.0),
    Turn(FEWER, without_defined_variables, is_continuous, 0.15, 6.0),
    Turn(RELAXATIONS, by_relaxations, is_continuous, 0.15, 6.0),
    Turn(INTERVALS, by_intervals, is_constrained, 0.15, 6.0),
    # what takes longer
    Turn(LIST, complete_list, is_polynomial, 0.30, 300.0),
    Turn(LOCAL, local_solutions, is_continuous, 0.15, 6.0),
    Turn(CURVES, unbounded_curve_from_feasible_points, may_be_unbounded, 0.15, 10.0),
    Turn(BOXES, boxes_around_closed_forms, is_continuous, 0.20, 15.0),
    Turn(FUNCTIONS, by_functions, is_continuous, 0.50, 60.0),
    Turn(SQUARES, by_squares, is_continuous, 0.25, 20.0),
    Turn(FEWER, without_defined_variables, is_continuous, 0.40, 60.0),
    Turn(RELAXATIONS, by_relaxations, is_continuous, 0.50, 60.0),
    Turn(INTERVALS, by_intervals, is_continuous, 0.75, 60.0),
    Turn(FORMS, closed_forms, is_not_polynomial, 0.75, 300.0),
    Turn(BOXES, boxes_around_closed_forms, is_continuous, 0.95, 15.0),
    *INTEGER_TURNS,
)
