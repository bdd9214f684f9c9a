"""The command `lagrangian verify`: check a certificate file again."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from lagrangian.commands.options import deadline_of, seconds
from lagrangian.commands.parser import add_command
from lagrangian.screen import fitted, screen_of

if TYPE_CHECKING:
    from lagrangian.verification import Verification

EXAMPLES = """\
  write a proof, and let someone else check that it is about this problem
    $ lagrangian solve problem.json --certificate answer.json
    $ lagrangian verify answer.json --problem problem.json
"""


def add_to(commands: Any) -> None:
    """Make the command known."""
    check = add_command(
        commands,
        "verify",
        run,
        "check a certificate file again",
        "Check that a file written with --certificate proves what it says: exit status 0 if so, 1 if not.",
        EXAMPLES,
        "%(prog)s FILE [--problem FILE] [OPTION ...]",
    )
    check.add_argument("file", metavar="FILE", help="a certificate file")
    check.add_argument("--problem", metavar="FILE", help="a problem file: the certificate must be about this problem")
    check.add_argument("--json", action="store_true", help="print the outcome as one JSON object, for programs")
    check.add_argument(
        "--time-limit",
        type=seconds,
        default=0.0,
        metavar="SECONDS",
        help="give the check of the proof up after this time; 0 for no limit (the default)",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command; exit status 0 for proved, 1 for not proved."""
    # SymPy takes half a second to import: not for --help
    from lagrangian.problem.files import read_problem
    from lagrangian.verification import verify_file

    problem = None if options.problem is None else read_problem(options.problem)
    verification = verify_file(options.file, problem, deadline=deadline_of(options))
    said = fitted(verification.sentence(), screen_of(sys.stdout))
    print(json.dumps(_as_json(verification)) if options.json else said)
    return 0 if verification.proved is True else 1


def _as_json(verification: "Verification") -> dict[str, Any]:
    from lagrangian.stored_duality import DualityFile  # as above

    checks = [{"statement": check.statement, "holds": check.truth} for check in verification.checks]
    outcome = {"proved": verification.proved, "checks": checks, "sentence": verification.sentence()}
    if isinstance(verification.file, DualityFile):
        return {**outcome, "status": None, "kind": verification.certificate.kind, "claim": "both values"}
    answer = verification.file.answer
    said = {"status": answer.status.value, "kind": answer.certificate.kind, "claim": answer.certificate.claim.value}
    return {**outcome, **said}
