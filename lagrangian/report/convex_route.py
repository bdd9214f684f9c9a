"""The convex shortcut: why the problem is convex, rule by rule, so that one KKT point is the global optimum."""

from collections.abc import Iterator

import sympy
from sympy import Eq, Expr, Symbol

from lagrangian.conditions.convexity import Convexity, Curvature, CurvatureProof
from lagrangian.conditions.lagrange import Lagrangian
from lagrangian.exact_numbers import ExactNumber
from lagrangian.proof.convexity import ConvexityCertificate
from lagrangian.report.blocks import Block, Case, Formulas, Step, Table, listed, say
from lagrangian.report.judgment import equals
from lagrangian.report.numbers import short_form
from lagrangian.report.systems import number_form
from lagrangian.solution import Solution

MOST_ROWS = 12
DEEPEST = 4
LONGEST = 24


def convex_step(solution: Solution, lagrangian: Lagrangian, *, full: bool) -> Step | None:
    """The step before the Lagrangian where a proof of convexity decides the answer; None elsewhere."""
    certificate = solution.certificate
    if not isinstance(certificate, ConvexityCertificate):
        return None
    convexity = certificate.convexity
    blocks: list[Block] = [say(*_substituted(convexity))] if convexity.substitution else []
    named = list(_named(convexity))
    rows = tuple((_short(proof), proof.curvature.value, proof.rule) for proof in named[:MOST_ROWS])
    blocks.append(Table(("written as a minimization with g ≤ 0", "how it bends", "why"), rows))
    if len(named) > MOST_ROWS:
        blocks.append(say(f"{len(named) - MOST_ROWS} more functions are convex too."))
    if full:
        blocks += [_tree(proof, 0) for proof in named[:MOST_ROWS] if proof.premises]
    blocks.append(say(_conclusion(convexity, lagrangian)))
    return Step("A convex problem: one KKT point is enough", tuple(blocks))


def _substituted(convexity: Convexity) -> list[str | Expr]:
    equal = listed(Eq(variable, value, evaluate=False) for variable, value in convexity.substitution.items())
    return ["Along the affine equations: ", *equal, "."]


def _named(convexity: Convexity) -> Iterator[CurvatureProof]:
    """The proofs about the functions after the substitution, the objective's first; affine inequalities need no line."""
    assert convexity.objective is not None, "a proof of convexity has one of the objective"
    yield convexity.objective
    yield from (p for p in convexity.inequalities if p is not None and p.curvature is not Curvature.AFFINE)


def _short(proof: CurvatureProof) -> str | Expr:
    """The function, or how many variables it has where it is long."""
    short = sympy.count_ops(proof.expression) <= LONGEST
    return proof.expression if short else f"a function of {len(proof.expression.free_symbols)} variables"


def _tree(proof: CurvatureProof, depth: int) -> Case:
    """A rule with what it rests on, to a depth that can be read."""
    blocks: list[Block] = []
    facts = [fact for fact in proof.facts if fact.free_symbols]
    if facts:
        blocks.append(say("given ", *[part for fact in facts for part in (", ", fact, " ≥ 0")][1:]))
    if depth < DEEPEST:
        blocks += [_tree(premise, depth + 1) for premise in proof.premises]
    return Case(say(_short(proof), f" is {proof.curvature.value}"), tuple(blocks), say(f"by the rule: {proof.rule}"))


def _conclusion(convexity: Convexity, lagrangian: Lagrangian) -> str:
    told = "The objective is convex where the equations hold" if convexity.substitution else "The objective is convex"
    parts = [told]
    if lagrangian.inequality_terms:
        parts.append("every g ≤ 0 with a multiplier that is not zero describes a convex set")
    if lagrangian.equality_terms:
        parts.append("the equations are affine")
    *first, last = parts
    joined = f"{', '.join(first)} and {last}" if first else last
    return f"{joined}: a point that satisfies the KKT conditions is a global optimum."


def dual_step(solution: Solution) -> Step | None:
    """Weak duality with the numbers: the Lagrangian at the multipliers of the proof, its least value, and the bound it is."""
    certificate = solution.certificate
    if not isinstance(certificate, ConvexityCertificate):
        return None
    problem, point = certificate.problem, certificate.point
    terms = [(mu, g.expression) for mu, g in zip(certificate.inequality_multipliers, problem.inequalities, strict=True)]
    terms += [(w, h.expression) for w, h in zip(certificate.equality_multipliers, problem.equalities, strict=True)]
    if all(weight == 0 for weight, _ in terms):
        return None
    written = problem.objective + sum((weight * g for weight, g in terms), sympy.S.Zero)
    reduced = min(sympy.expand(written), written, key=sympy.count_ops)
    least = short_form(ExactNumber(number_form(problem.objective.xreplace(point))))
    places = [part for v, value in point.items() for part in (", ", *equals(v, ExactNumber(value)))][1:]
    blocks: tuple[Block, ...] = (
        say("Written as a minimization with g ≤ 0, the Lagrangian with the multipliers of the KKT point is"),
        Formulas((("", Eq(Symbol("L"), reduced, evaluate=False)),)),
        say("It is convex where the equations hold, with the (sub)gradient zero along them at ", *places, "."),
        say("So its least value there is the one at this point, ", least, "."),
        say(
            "At every feasible point the objective is at least L, and so at least ",
            least,
            ", which it has at that point.",
        ),
    )
    return Step("Weak duality with these multipliers", blocks)
