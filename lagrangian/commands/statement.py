"""The problem that the command line states, in a file or in its options."""

import argparse
import time
from pathlib import Path

from sympy import Symbol

from lagrangian.errors import ProblemError
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.domain_changes import refuse_changed_domain
from lagrangian.problem.files import read_problem
from lagrangian.problem.parsing import Demands, names_in, parse_expression, parse_relations
from lagrangian.problem.problem import Problem, Sense
from lagrangian.processes.calls import call_with_limit


def problem_within(options: argparse.Namespace, deadline: float) -> Problem:
    """The problem that the options state. Raises ProblemError where they state none, or where reading takes too long."""
    problem = call_with_limit(stated_problem, (options,), deadline - time.monotonic())
    if problem is None:
        raise ProblemError("reading the problem took all the time or memory there is; state it in a shorter form")
    return problem


def stated_problem(options: argparse.Namespace) -> Problem:
    """The problem that the options state. Raises ProblemError where they state none."""
    if options.problem.endswith(".json") or Path(options.problem[:255]).is_file():
        stated_twice = options.subject_to or options.maximize or options.minimize or options.over
        if stated_twice:
            raise ProblemError(
                "a problem file states its own sense, constraints and variables; leave the other options out"
            )
        return read_problem(options.problem)
    texts = [options.problem, *options.subject_to]
    names = sorted(set().union(*(names_in(text) for text in texts)))
    symbols = {name: Symbol(name, real=True) for name in names}
    over = None
    if options.over is not None:
        chosen = [name.strip() for name in options.over.split(",")]
        unknown = [name for name in chosen if name not in symbols]
        if unknown:
            raise ProblemError(
                f"--over names {', '.join(unknown)}, which occurs neither in the objective nor in a constraint"
            )
        over = [symbols[name] for name in chosen]
    demands: Demands = {}
    problem = Problem(
        parse_expression(options.problem, symbols, demands),
        [relation for text in options.subject_to for relation in parse_relations(text, symbols, demands=demands)],
        over=over,
        sense=Sense.MAXIMIZE if options.maximize else Sense.MINIMIZE,
    )
    refuse_changed_domain(demands, canonicalize(problem)[0])
    return problem
