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

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lagrangian.conditions.kkt import FritzJohnSystem as FritzJohnSystem
    from lagrangian.conditions.kkt import KKTSystem as KKTSystem
    from lagrangian.conditions.kkt import fritz_john_system as fritz_john_system
    from lagrangian.conditions.kkt import kkt_system as kkt_system
    from lagrangian.conditions.lagrange import Convention as Convention
    from lagrangian.conditions.lagrange import Lagrangian as Lagrangian
    from lagrangian.conditions.lagrange import lagrangian as lagrangian
    from lagrangian.conditions.qualification import Qualification as Qualification
    from lagrangian.conditions.second_order import Kind as Kind
    from lagrangian.duality.dual_function import DualFunction as DualFunction
    from lagrangian.duality.dual_gap import Duality as Duality
    from lagrangian.duality.dual_gap import Reason as Reason
    from lagrangian.duality.dual_gap import duality as duality
    from lagrangian.duality.dual_problem import DualProblem as DualProblem
    from lagrangian.duality.dual_problem import dual_problem as dual_problem
    from lagrangian.duality.parameter_effects import ComparativeStatics as ComparativeStatics
    from lagrangian.duality.parameter_effects import Envelope as Envelope
    from lagrangian.duality.parameter_effects import comparative_statics as comparative_statics
    from lagrangian.duality.parametric import solve_parametric as solve_parametric
    from lagrangian.duality.parametric_regions import ParametricRegion as ParametricRegion
    from lagrangian.duality.parametric_solution import ParametricSolution as ParametricSolution
    from lagrangian.duality.relaxation import Relaxation as Relaxation
    from lagrangian.duality.relaxation import RelaxedOptimum as RelaxedOptimum
    from lagrangian.duality.relaxation import relax as relax
    from lagrangian.duality.sensitivity import Sensitivity as Sensitivity
    from lagrangian.duality.sensitivity import sensitivity as sensitivity
    from lagrangian.duality.slater import Slater as Slater
    from lagrangian.duality.slater import slater as slater
    from lagrangian.errors import CertificateFileError as CertificateFileError
    from lagrangian.errors import LagrangianError as LagrangianError
    from lagrangian.errors import MissingExtraError as MissingExtraError
    from lagrangian.errors import ParseError as ParseError
    from lagrangian.errors import ProblemError as ProblemError
    from lagrangian.errors import ProblemFileError as ProblemFileError
    from lagrangian.errors import ReportFileError as ReportFileError
    from lagrangian.numeric.batch import solve_batch as solve_batch
    from lagrangian.numeric.batch_solution import BatchSolution as BatchSolution
    from lagrangian.numeric.batch_solution import BatchStatus as BatchStatus
    from lagrangian.numeric.bound import BoundProblem as BoundProblem
    from lagrangian.numeric.compiled import CompiledProblem as CompiledProblem
    from lagrangian.numeric.compiled import compile as compile
    from lagrangian.numeric.compiled import compile_problem as compile_problem
    from lagrangian.numeric.nlp import solve_numeric as solve_numeric
    from lagrangian.numeric.nlp_result import LocalSolution as LocalSolution
    from lagrangian.numeric.nlp_result import NumericResult as NumericResult
    from lagrangian.numeric.path import follow_path as follow_path
    from lagrangian.numeric.path_solution import SolutionPath as SolutionPath
    from lagrangian.problem.canonical import CanonicalProblem as CanonicalProblem
    from lagrangian.problem.canonical import Restoration as Restoration
    from lagrangian.problem.canonicalization import canonicalize as canonicalize
    from lagrangian.problem.files import problem_from_dict as problem_from_dict
    from lagrangian.problem.files import read_problem as read_problem
    from lagrangian.problem.parsing import parse_expression as parse_expression
    from lagrangian.problem.parsing import parse_relation as parse_relation
    from lagrangian.problem.problem import Problem as Problem
    from lagrangian.problem.problem import Sense as Sense
    from lagrangian.progress import Progress as Progress
    from lagrangian.proof.certificate import Certificate as Certificate
    from lagrangian.proof.certificate import Claim as Claim
    from lagrangian.proof.encoding import certificate_from_json as certificate_from_json
    from lagrangian.proof.encoding import certificate_to_json as certificate_to_json
    from lagrangian.solution import Solution as Solution
    from lagrangian.solution import SolutionFamily as SolutionFamily
    from lagrangian.solution import StationaryPoint as StationaryPoint
    from lagrangian.solve import maximize as maximize
    from lagrangian.solve import minimize as minimize
    from lagrangian.solve import solve as solve
    from lagrangian.status import Status as Status
    from lagrangian.verification import Verification as Verification
    from lagrangian.verification import verify_file as verify_file

# Imported when first asked for: SymPy takes half a second, and neither `lagrangian --help` nor a shell's completion waits for it.
_HOMES = {
    "Problem": "problem.problem",
    "Sense": "problem.problem",
    "parse_expression": "problem.parsing",
    "parse_relation": "problem.parsing",
    "read_problem": "problem.files",
    "problem_from_dict": "problem.files",
    "minimize": "solve",
    "maximize": "solve",
    "solve": "solve",
    "compile": "numeric.compiled",
    "compile_problem": "numeric.compiled",
    "CompiledProblem": "numeric.compiled",
    "BoundProblem": "numeric.bound",
    "solve_numeric": "numeric.nlp",
    "NumericResult": "numeric.nlp_result",
    "LocalSolution": "numeric.nlp_result",
    "solve_batch": "numeric.batch",
    "BatchSolution": "numeric.batch_solution",
    "BatchStatus": "numeric.batch_solution",
    "solve_parametric": "duality.parametric",
    "ParametricSolution": "duality.parametric_solution",
    "ParametricRegion": "duality.parametric_regions",
    "follow_path": "numeric.path",
    "SolutionPath": "numeric.path_solution",
    "Progress": "progress",
    "Solution": "solution",
    "SolutionFamily": "solution",
    "StationaryPoint": "solution",
    "Status": "status",
    "Kind": "conditions.second_order",
    "Qualification": "conditions.qualification",
    "Sensitivity": "duality.sensitivity",
    "sensitivity": "duality.sensitivity",
    "Envelope": "duality.parameter_effects",
    "ComparativeStatics": "duality.parameter_effects",
    "comparative_statics": "duality.parameter_effects",
    "DualFunction": "duality.dual_function",
    "DualProblem": "duality.dual_problem",
    "dual_problem": "duality.dual_problem",
    "Duality": "duality.dual_gap",
    "Reason": "duality.dual_gap",
    "duality": "duality.dual_gap",
    "Slater": "duality.slater",
    "slater": "duality.slater",
    "Certificate": "proof.certificate",
    "Claim": "proof.certificate",
    "certificate_to_json": "proof.encoding",
    "certificate_from_json": "proof.encoding",
    "Verification": "verification",
    "verify_file": "verification",
    "CanonicalProblem": "problem.canonical",
    "Restoration": "problem.canonical",
    "canonicalize": "problem.canonicalization",
    "Convention": "conditions.lagrange",
    "Lagrangian": "conditions.lagrange",
    "lagrangian": "conditions.lagrange",
    "KKTSystem": "conditions.kkt",
    "kkt_system": "conditions.kkt",
    "FritzJohnSystem": "conditions.kkt",
    "fritz_john_system": "conditions.kkt",
    "relax": "duality.relaxation",
    "Relaxation": "duality.relaxation",
    "RelaxedOptimum": "duality.relaxation",
    "LagrangianError": "errors",
    "ProblemError": "errors",
    "ParseError": "errors",
    "ProblemFileError": "errors",
    "ReportFileError": "errors",
    "CertificateFileError": "errors",
    "MissingExtraError": "errors",
}
# not `compile`, which `from lagrangian import *` would put before Python's own
__all__ = [name for name in _HOMES if name != "compile"]


class _Package(ModuleType):
    """Two functions are named as the modules that they lie in: importing such a module must not hide the function."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # a quarter of the start of the command

        return version("lagrangian-w2v")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES, "__version__"])
