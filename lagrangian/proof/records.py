"""The closed list of the record classes and enumerations that a stored certificate may hold.

A new kind of certificate is stored and read once its dataclasses stand here: their fields are what is written, and their
annotations say what is accepted when it is read. Fields that take no part in comparison are caches and are not written.
"""

from enum import Enum

from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement, RealRoot
from lagrangian.algebra.polynomials import Ring
from lagrangian.algebra.zeros import FactoredZeros, FiniteZeros, NoZeros, Undecided, ZeroFamily
from lagrangian.conditions.box_tree import Tree
from lagrangian.conditions.convexity import Convexity, Curvature, CurvatureProof
from lagrangian.conditions.cuts import AtomTangent, Cutoff, Tangent
from lagrangian.conditions.existence import FeasibleBox
from lagrangian.conditions.growth_curves import GrowthCurve
from lagrangian.conditions.interval_existence import FeasibleEnclosure
from lagrangian.conditions.line_cover import Side
from lagrangian.conditions.linear_integers import Sweep
from lagrangian.conditions.stationary_faces import Isolated
from lagrangian.conditions.symmetry import Symmetry
from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.problem.monotone import OuterFunction
from lagrangian.problem.reductions import Substitution
from lagrangian.proof.cases import Case, CasesCertificate, NoOthers, OthersAbove
from lagrangian.proof.certificate import Claim
from lagrangian.proof.changes import ChangeCertificate
from lagrangian.proof.convexity import ConvexityCertificate
from lagrangian.proof.curves import GrowthCertificate, GrowthInfimumCertificate
from lagrangian.proof.dynamic_programming import DynamicProgrammingCertificate
from lagrangian.proof.enumeration import EnumerationCertificate, InfeasibilityCertificate, NothingBetterCertificate
from lagrangian.proof.evidence import (
    BoundedMonomials,
    EmptyFamily,
    GrowthBySquares,
    ListEvidence,
    NearestPoint,
    NoDirectionToInfinity,
    NothingBetterThan,
    SupportEvidence,
)
from lagrangian.proof.factorable import ExactPoint, FactorableCertificate
from lagrangian.proof.growth import QuadraticGrowth
from lagrangian.proof.integrality import (
    DivisibilityCertificate,
    IntegerCurveCertificate,
    RelaxationCertificate,
    ResidueCertificate,
    RoundedCertificate,
)
from lagrangian.proof.intervals import BoxProof, IntervalCertificate
from lagrangian.proof.kkt_box import KKTBoxCertificate
from lagrangian.proof.kkt_point import KKTPointCertificate
from lagrangian.proof.limits import ClosureCertificate, InfimumCertificate, UnboundedCertificate
from lagrangian.proof.linear import FarkasCertificate
from lagrangian.proof.mixed_tree import IntegerSplit, MixedTreeCertificate, RowsLeaf
from lagrangian.proof.monotone import MonotoneCertificate
from lagrangian.proof.one_variable import LineCertificate
from lagrangian.proof.reduced import ReducedCertificate
from lagrangian.proof.relaxation_tree import (
    CoreLeaf,
    LagrangianLeaf,
    RangeReduction,
    RangeSplit,
    RelaxationTreeCertificate,
)
from lagrangian.proof.satisfiability import Z3Certificate
from lagrangian.proof.second_order import LocalCertificate
from lagrangian.proof.separable import SeparableCertificate
from lagrangian.proof.spatial import Improved, Leaf, Move, Narrowed, SpatialCertificate, Split
from lagrangian.proof.split_trees import SplitTree
from lagrangian.proof.squares import SquaresIdentity, WeightedSquares
from lagrangian.proof.stationary_list import FaceEvidence, StationaryListCertificate
from lagrangian.proof.sum_of_squares import SquaresEnclosure, SquaresInfeasibility, SumOfSquaresCertificate

CERTIFICATES: tuple[type, ...] = (
    CasesCertificate,
    GrowthCertificate,
    GrowthInfimumCertificate,
    LineCertificate,
    ChangeCertificate,
    ClosureCertificate,
    ConvexityCertificate,
    DivisibilityCertificate,
    DynamicProgrammingCertificate,
    EnumerationCertificate,
    FactorableCertificate,
    FarkasCertificate,
    InfeasibilityCertificate,
    InfimumCertificate,
    IntegerCurveCertificate,
    IntervalCertificate,
    KKTBoxCertificate,
    KKTPointCertificate,
    LocalCertificate,
    MonotoneCertificate,
    NothingBetterCertificate,
    ReducedCertificate,
    RelaxationCertificate,
    MixedTreeCertificate,
    RelaxationTreeCertificate,
    ResidueCertificate,
    RoundedCertificate,
    SeparableCertificate,
    SpatialCertificate,
    SquaresEnclosure,
    StationaryListCertificate,
    SquaresInfeasibility,
    SumOfSquaresCertificate,
    UnboundedCertificate,
    Z3Certificate,
)

PARTS: tuple[type, ...] = (
    # one variable, and curves
    GrowthCurve,
    Side,
    # numbers, polynomials and the zeros of systems
    AlgebraicPoint,
    FactoredZeros,
    FieldElement,
    FiniteZeros,
    NoZeros,
    RealRoot,
    Ring,
    Undecided,
    ZeroFamily,
    # problems
    CanonicalProblem,
    Equality,
    Inequality,
    OuterFunction,
    PolynomialProblem,
    Substitution,
    # lists of Fritz John points
    BoundedMonomials,
    EmptyFamily,
    GrowthBySquares,
    ListEvidence,
    NearestPoint,
    NoDirectionToInfinity,
    NothingBetterThan,
    SupportEvidence,
    Symmetry,
    # integers
    Case,
    NoOthers,
    OthersAbove,
    Sweep,
    # Lagrangian relaxation
    CoreLeaf,
    LagrangianLeaf,
    RangeReduction,
    RangeSplit,
    SplitTree,
    IntegerSplit,
    RowsLeaf,
    # sums of squares
    QuadraticGrowth,
    SquaresIdentity,
    WeightedSquares,
    # convexity
    Convexity,
    CurvatureProof,
    # branch and bound
    AtomTangent,
    ExactPoint,
    BoxProof,
    Cutoff,
    FeasibleBox,
    FaceEvidence,
    FeasibleEnclosure,
    Isolated,
    Improved,
    Leaf,
    Move,
    Narrowed,
    Split,
    Tangent,
    Tree,
)

ENUMERATIONS: tuple[type[Enum], ...] = (Claim, Curvature)
