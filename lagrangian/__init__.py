"""Constrained optimization problems stated in SymPy, answered exactly and with proof.

>>> from sympy import symbols
>>> from lagrangian import minimize
>>> x, y = symbols("x y")
>>> solution = minimize(x**2 + y**2, [x + y >= 1], over=[x, y])
>>> solution.status, solution.value, solution.points
(<Status.OPTIMAL: 'optimal'>, 1/2, ({x: 1/2, y: 1/2},))
>>> solution.certificate.verify()
True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lagrangian.conditions.kkt import FritzJohnSystem, KKTSystem, fritz_john_system, kkt_system
from lagrangian.conditions.lagrange import Convention, Lagrangian, lagrangian
from lagrangian.conditions.qualification import Qualification
from lagrangian.conditions.second_order import Kind
from lagrangian.duality.dual_function import DualFunction
from lagrangian.duality.dual_gap import Duality, Reason, duality
from lagrangian.duality.dual_problem import DualProblem, dual_problem
from lagrangian.duality.parameter_effects import ComparativeStatics, Envelope, comparative_statics
from lagrangian.duality.parametric import solve_parametric
from lagrangian.duality.parametric_regions import ParametricRegion
from lagrangian.duality.parametric_solution import ParametricSolution
from lagrangian.duality.relaxation import Relaxation, RelaxedOptimum, relax
from lagrangian.duality.sensitivity import Sensitivity, sensitivity
from lagrangian.duality.slater import Slater, slater
from lagrangian.errors import (
    CertificateFileError,
    LagrangianError,
    MissingExtraError,
    ParseError,
    ProblemError,
    ProblemFileError,
    ReportFileError,
)
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.files import problem_from_dict, read_problem
from lagrangian.problem.parsing import parse_expression, parse_relation
from lagrangian.problem.problem import Problem, Sense
from lagrangian.progress import Progress
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.encoding import certificate_from_json, certificate_to_json
from lagrangian.solution import Solution, SolutionFamily, StationaryPoint
from lagrangian.solve import maximize, minimize, solve
from lagrangian.status import Status
from lagrangian.verification import Verification, verify_file

if TYPE_CHECKING:
    from lagrangian.numeric.batch import solve_batch
    from lagrangian.numeric.batch_solution import BatchSolution, BatchStatus
    from lagrangian.numeric.bound import BoundProblem
    from lagrangian.numeric.compiled import CompiledProblem, compile_problem
    from lagrangian.numeric.compiled import compile as compile
    from lagrangian.numeric.nlp import solve_numeric
    from lagrangian.numeric.nlp_result import LocalSolution, NumericResult
    from lagrangian.numeric.path import follow_path
    from lagrangian.numeric.path_solution import SolutionPath

# imported when they are first asked for: Numba takes a third of a second, and exact answers do without it
_LATE = {
    "compile": "lagrangian.numeric.compiled",
    "compile_problem": "lagrangian.numeric.compiled",
    "CompiledProblem": "lagrangian.numeric.compiled",
    "BoundProblem": "lagrangian.numeric.bound",
    "solve_numeric": "lagrangian.numeric.nlp",
    "NumericResult": "lagrangian.numeric.nlp_result",
    "LocalSolution": "lagrangian.numeric.nlp_result",
    "solve_batch": "lagrangian.numeric.batch",
    "BatchSolution": "lagrangian.numeric.batch_solution",
    "BatchStatus": "lagrangian.numeric.batch_solution",
    "follow_path": "lagrangian.numeric.path",
    "SolutionPath": "lagrangian.numeric.path_solution",
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATE[name]), name)


__all__ = [
    "Problem",
    "Sense",
    "parse_expression",
    "parse_relation",
    "read_problem",
    "problem_from_dict",
    "minimize",
    "maximize",
    "solve",
    # not `compile`, which `from lagrangian import *` would put before Python's own
    "compile_problem",
    "CompiledProblem",
    "BoundProblem",
    "solve_numeric",
    "NumericResult",
    "LocalSolution",
    "solve_batch",
    "BatchSolution",
    "BatchStatus",
    "solve_parametric",
    "ParametricSolution",
    "ParametricRegion",
    "follow_path",
    "SolutionPath",
    "Progress",
    "Solution",
    "SolutionFamily",
    "StationaryPoint",
    "Status",
    "Kind",
    "Qualification",
    "Sensitivity",
    "sensitivity",
    "Envelope",
    "ComparativeStatics",
    "comparative_statics",
    "DualFunction",
    "DualProblem",
    "dual_problem",
    "Duality",
    "Reason",
    "duality",
    "Slater",
    "slater",
    "Certificate",
    "Claim",
    "certificate_to_json",
    "certificate_from_json",
    "Verification",
    "verify_file",
    "CanonicalProblem",
    "Restoration",
    "canonicalize",
    "Convention",
    "Lagrangian",
    "lagrangian",
    "KKTSystem",
    "kkt_system",
    "FritzJohnSystem",
    "fritz_john_system",
    "relax",
    "Relaxation",
    "RelaxedOptimum",
    "LagrangianError",
    "ProblemError",
    "ParseError",
    "ProblemFileError",
    "CertificateFileError",
    "ReportFileError",
    "MissingExtraError",
]
