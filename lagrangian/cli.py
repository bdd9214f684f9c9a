"""The command `lagrangian`: solve a problem file, or a problem written on the command line."""

import argparse
import json
import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sympy import Rational, Symbol

from lagrangian.cli_dual import add_dual, run_dual
from lagrangian.cli_numeric import add_numeric, run_numeric
from lagrangian.cli_options import add_limits, add_statement, number_ends, problem_within, seconds
from lagrangian.cli_parametric import regions_as_json, regions_of
from lagrangian.cli_path import add_path, run_path
from lagrangian.cli_relax import add_relax, run_relax
from lagrangian.cli_sensitivity import add_sensitivity, run_sensitivity
from lagrangian.duality.parametric_solution import ParametricSolution
from lagrangian.errors import LagrangianError, MethodFailedWarning
from lagrangian.exact_numbers import EnclosedNumber, ExactNumber
from lagrangian.problem.files import read_problem
from lagrangian.processes.calls import call_with_limit
from lagrangian.report.parametric_steps import regions_step
from lagrangian.report.steps import Derivation, derivation
from lagrangian.solution import Solution
from lagrangian.solve import INTERRUPTED, solve
from lagrangian.stored_duality import DualityFile
from lagrangian.verification import Verification, verify_file

# what closed forms may take when the time for the answer is over
WRITING_S = 3.0
LEAST_TIME_S = 0.1
NOT_WRITTEN = "the closed forms: writing them down took too long"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; exit status 0 whenever there is an answer, 130 where an interrupt cut it short, 2 for bad input.

    For verify: 0 for proved, 1 for not proved.
    """
    options = _parser().parse_args(arguments)
    try:
        if options.command == "verify":
            return _verify(options)
        if options.command == "path":
            return run_path(options)
        deadline = time.monotonic() + (options.time_limit or float("inf"))
        if options.command == "dual":
            return run_dual(options, deadline)
        if options.command == "relax":
            return run_relax(options, deadline)
        if options.command == "numeric":
            return run_numeric(options, deadline)
        if options.command == "sensitivity":
            return run_sensitivity(options, deadline)
        return _solved(options, deadline)
    except LagrangianError as error:
        print(f"lagrangian: {_one_line(str(error))}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        print("lagrangian: interrupted", file=sys.stderr)
        return 130


def _solved(options: argparse.Namespace, deadline: float) -> int:
    problem = problem_within(options, deadline)
    left = max(deadline - time.monotonic(), LEAST_TIME_S)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MethodFailedWarning)  # the answer says itself what has failed
        solution = solve(
            problem,
            time_limit_s=None if left == float("inf") else left,
            memory_limit_mb=options.memory_limit,
            progress=sys.stderr is not None and sys.stderr.isatty() and not (options.json or options.quiet),
        )
    writing_s = max(deadline - time.monotonic(), WRITING_S)
    regions = regions_of(solution, writing_s)
    print(_written(solution, regions, options, writing_s), end="\n" if options.json else "")
    if options.certificate is not None:
        _save(solution, options.certificate)
    return 130 if INTERRUPTED in solution.missing else 0


def _written(
    solution: Solution, regions: ParametricSolution | None, options: argparse.Namespace, limit_s: float
) -> str:
    """The answer as text; in decimals where closed forms are not written down in time."""
    if options.json:
        answer = call_with_limit(as_json, (solution,), limit_s) or as_json(in_decimals(solution))
        return json.dumps(answer if regions is None else {**answer, "regions": regions_as_json(regions)})
    return call_with_limit(_explained, (solution, regions, options.form), limit_s) or _in_short(solution)


def _explained(solution: Solution, regions: ParametricSolution | None, form: str) -> str:
    if regions is None:
        return solution.explain(form)
    return Derivation((*derivation(solution).steps, regions_step(regions))).render(form)


def _in_short(solution: Solution) -> str:
    """The answer in a few lines."""
    lines = [f"status: {solution.status.value}"]
    if solution.problem.parameters:
        return "\n".join([*lines, f"value: {solution.value}", f"missing: {NOT_WRITTEN}", ""])
    if solution.optimum is not None:
        lines.append(f"value: {float(solution.optimum):.10g}")
    for point in solution.coordinates:
        lines.append("at: " + ", ".join(f"{variable} = {float(number):.10g}" for variable, number in point.items()))
    return "\n".join([*lines, f"missing: {NOT_WRITTEN}", ""])


def in_decimals(solution: Solution) -> Solution:
    """The solution with decimals in place of closed forms, which say that they are not exact."""
    if solution.problem.parameters:  # formulas have no decimals, and are short where an answer was found
        return replace(solution, multipliers={}, shadow_prices={}, missing=(*solution.missing, NOT_WRITTEN))
    plain = solution.optimum is not None and isinstance(solution.optimum, EnclosedNumber)
    optimum = None if solution.optimum is None else EnclosedNumber(float(solution.optimum), solution.optimum.ball())
    points: tuple[dict[Symbol, ExactNumber], ...] = tuple(
        {v: EnclosedNumber(float(n), n.ball()) for v, n in point.items()} for point in solution.coordinates
    )
    missing = solution.missing if plain else (*solution.missing, NOT_WRITTEN)
    return replace(
        solution,
        optimum=optimum,
        coordinates=points,
        families=(),
        multipliers={},
        shadow_prices={},
        missing=missing,
    )


def _save(solution: Solution, path: str) -> None:
    if solution.certificate is None:
        print(f"lagrangian: nothing was proved, so {path} is not written", file=sys.stderr)
    else:
        solution.save_certificate(path)


def _verify(options: argparse.Namespace) -> int:
    problem = None if options.problem is None else read_problem(options.problem)
    deadline = time.monotonic() + options.time_limit if options.time_limit else float("inf")
    verification = verify_file(options.file, problem, deadline=deadline)
    print(json.dumps(_verification_as_json(verification)) if options.json else verification.sentence())
    return 0 if verification.proved is True else 1


def _verification_as_json(verification: Verification) -> dict[str, Any]:
    checks = [{"statement": check.statement, "holds": check.truth} for check in verification.checks]
    outcome = {"proved": verification.proved, "checks": checks, "sentence": verification.sentence()}
    if isinstance(verification.file, DualityFile):
        return {**outcome, "status": None, "kind": verification.certificate.kind, "claim": "both values"}
    answer = verification.file.answer
    said = {"status": answer.status.value, "kind": answer.certificate.kind, "claim": answer.certificate.claim.value}
    return {**outcome, **said}


def _one_line(message: str) -> str:
    folded = " ".join(message.split())
    return folded if len(folded) <= 500 else f"{folded[:497]}..."


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        """One line and exit status 2, in place of the usage and the message."""
        self.exit(2, f"lagrangian: {_one_line(message)}; see lagrangian --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="lagrangian", description="Constrained optimization, answered exactly and with proof.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command = commands.add_parser(
        "solve",
        help="solve a problem file, or an objective with --subject-to",
        description="Solve a JSON problem file, or the problem that the options state, and print the derivation.",
    )
    add_statement(command)
    command.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    command.add_argument(
        "--form", choices=("text", "markdown", "latex"), default="text", help="the form of the derivation"
    )
    add_limits(command)
    command.add_argument("--quiet", action="store_true", help="no progress line, which a terminal shows else")
    command.add_argument(
        "--certificate",
        metavar="FILE",
        help="write the problem, the answer and its proof to a file, for lagrangian verify",
    )
    add_dual(commands)
    add_sensitivity(commands)
    add_relax(commands)
    add_numeric(commands)
    add_path(commands)
    check = commands.add_parser(
        "verify",
        help="check a certificate file again",
        description="Check that a file written with --certificate proves what it says: exit status 0 if so, 1 if not.",
    )
    check.add_argument("file", metavar="FILE", help="a certificate file")
    check.add_argument("--problem", metavar="FILE", help="a problem file: the certificate must be about this problem")
    check.add_argument("--json", action="store_true", help="print the outcome as one JSON object")
    check.add_argument(
        "--time-limit",
        type=seconds,
        default=0.0,
        metavar="SECONDS",
        help="give the check of the proof up after this time; 0 for no limit (the default)",
    )
    return parser


def as_json(solution: Solution) -> dict[str, Any]:
    """The answer as one JSON object, as docs/problem-files.md describes it."""
    certificate = solution.certificate
    number = solution.optimum
    return {
        "status": solution.status.value,
        "value": None if number is None else str(number.expression),
        "value_float": None if number is None or number.expression.free_symbols else float(number),
        "value_interval": _interval_as_json(solution.value_interval),
        "exact": number is not None and number.is_exact,
        "points": [_point_as_json(point) for point in _reported_points(solution)],
        "multipliers": {str(stated): str(value) for stated, value in solution.multipliers.items()},
        "multiplier_intervals": {
            str(stated): _interval_as_json(solution.multiplier_interval(stated)) for stated in solution.multiplier_balls
        },
        "certificate": None
        if certificate is None
        else {
            "claim": certificate.claim.scope,
            "kind": certificate.kind,
            "verified": certificate.verified is True,
        },
        "seconds": round(solution.elapsed_s, 3),
        "message": "; ".join(solution.missing),
        "tried": list(solution.tried),
    }


def _interval_as_json(interval: tuple[Rational, Rational] | None) -> list[str] | None:
    return None if interval is None else number_ends(interval)


def _reported_points(solution: Solution) -> list[dict[Symbol, ExactNumber]]:
    """All isolated optima, then a sample of each infinite family, each point once."""
    samples = [{v: ExactNumber(e) for v, e in family.sample.items()} for family in solution.families]
    points = [*solution.coordinates, *samples]
    return list({str([n.expression for n in point.values()]): point for point in points}.values())


def _point_as_json(point: dict[Symbol, ExactNumber]) -> dict[str, Any]:
    return {
        "x": {str(variable): str(number.expression) for variable, number in point.items()},
        "x_float": {
            str(variable): None if number.expression.free_symbols else float(number)
            for variable, number in point.items()
        },
    }


if __name__ == "__main__":
    sys.exit(main())
