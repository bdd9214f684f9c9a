"""Problems with functions of one variable as factored ones: every operation becomes a place of z = (x, w).

Sums stay affine forms, so that variables replaced by sums cost nothing; a product of sums is one product of two places. In
logarithms, x = exp(y) for variables with a positive lower bound: a signomial term c x_1**a_1 ... x_n**a_n is then c exp(a.y), and
convex for c > 0, so that a geometric program is closed at once (Duffin, Peterson and Zener 1967; Maranas and Floudas 1997).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import flint
import sympy
from flint import fmpq
from sympy import Abs, Expr, Max, Min, Pow, Rational, Symbol

from lagrangian.algebra.balls import enclose
from lagrangian.conditions.atoms import Atom, Function
from lagrangian.conditions.relaxation import (
    AffineForm,
    Combination,
    Constant,
    Definition,
    FactoredProblem,
    Product,
    Quotient,
    RelativeEntropy,
)
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.reductions import Bounds, bounds_of, demands_of, keeps_domain, range_of

BITS = 128
MOST_PLACES = 3000
# sums of at most so many terms are multiplied out
MOST_DISTRIBUTED = 8


class NotFactorableError(Exception):
    """A function that relaxations do not know; the message names it. Internal: it becomes a status."""


def factored_functions(canonical: CanonicalProblem) -> FactoredProblem:
    """The factored form of a problem without parameters. Raises NotFactorableError.

    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y = sympy.symbols("x y")
    >>> problem = factored_functions(canonicalize(Problem(sympy.exp(x + y) - 2 * x, over=[x, y]))[0])
    >>> [type(definition).__name__ for definition in problem.definitions], problem.objective.coefficients
    (['Combination', 'Atom'], {0: -2, 3: 1})
    """
    if canonical.parameters:
        raise NotFactorableError("parameters are left to others")
    builder = _Builder(canonical)
    forms = [builder.form(function) for function in canonical.functions]
    forms = [forms[0], *(builder.by_combinations(form) for form in forms[1:])]
    held = 1 + len(canonical.inequalities)
    integers = frozenset(i for i, variable in enumerate(canonical.variables) if variable in canonical.integers)
    return FactoredProblem(
        len(canonical.variables),
        tuple(builder.definitions),
        forms[0],
        tuple(forms[1:held]),
        tuple(forms[held:]),
        integers,
    )


def in_logarithms(canonical: CanonicalProblem) -> CanonicalProblem | None:
    """The problem with x = exp(y) for all variables with a positive lower bound; None where there are none, or integers.

    Its feasible points y are those of the problem, x = exp(y), with the same values.
    """
    positive = [v for v, (low, _) in bounds_of(canonical).items() if low > 0]
    if not positive or canonical.integers:
        return None
    # multiplying out may cancel a divisor, which only those of positive variables allow
    if any(demand.free_symbols - set(positive) for _, demand in demands_of(canonical)):
        return None
    rule: dict[Expr, Expr] = {v: sympy.exp(v) for v in positive}
    found = _rewritten(canonical, lambda expression: _signomial(expression, rule))
    # nor may a function of positive variables that is not defined everywhere be multiplied out
    stated = _rewritten(canonical, lambda expression: expression.xreplace(rule)).functions
    return found if keeps_domain(stated, found.functions) else None


def _rewritten(canonical: CanonicalProblem, rewrite: Callable[[Expr], Expr]) -> CanonicalProblem:
    return replace(
        canonical,
        objective=rewrite(canonical.objective),
        inequalities=tuple(replace(g, expression=rewrite(g.expression)) for g in canonical.inequalities),
        equalities=tuple(replace(h, expression=rewrite(h.expression)) for h in canonical.equalities),
    )


def _signomial(expression: Expr, rule: dict[Expr, Expr]) -> Expr:
    """The expanded expression in the logarithms, its exponentials multiplied into one a term."""
    terms = sympy.Add.make_args(sympy.expand(expression, power_base=False, log=False, power_exp=False))
    return sympy.Add(*(_exponential(term.xreplace(rule)) for term in terms))


def _exponential(term: Expr) -> Expr:
    total, rest = sympy.Integer(0), []
    for factor in sympy.Mul.make_args(term):
        base, power = factor.as_base_exp()
        if isinstance(base, sympy.exp):
            total, base, power = total + base.args[0] * power, sympy.Integer(1), sympy.Integer(1)
        elif base == sympy.E:
            total, base, power = total + power, sympy.Integer(1), sympy.Integer(1)
        rest.append(Pow(base, power))
    return sympy.Mul(*rest) * sympy.exp(sympy.expand(total))


@dataclass
class _Builder:
    """Gives expressions places; equal ones have the same."""

    canonical: CanonicalProblem
    definitions: list[Definition] = field(default_factory=list)
    places: dict[Expr, AffineForm] = field(default_factory=dict)
    made: dict[object, int] = field(default_factory=dict)

    @property
    def variables(self) -> tuple[Symbol, ...]:
        return self.canonical.variables

    @cached_property
    def bounds(self) -> Bounds:
        return bounds_of(self.canonical)

    @cached_property
    def sums(self) -> dict[Expr, Expr]:
        """Lower bounds of the sums that inequalities bound from below."""
        parts = [(-g.expression).expand().as_coeff_Add() for g in self.canonical.inequalities]
        return {rest: -constant for constant, rest in parts}

    def is_nonnegative(self, expression: Expr) -> bool:
        """Whether bounds or a single inequality say that an expression is not negative at feasible points."""
        if range_of(expression, self.bounds)[0] >= 0:
            return True
        constant, rest = expression.expand().as_coeff_Add()
        return rest in self.sums and bool(self.sums[rest] + constant >= 0)

    def form(self, expression: Expr) -> AffineForm:
        """The expression as an affine form of places."""
        if expression not in self.places:
            self.places[expression] = self._form(expression)
        return self.places[expression]

    def by_combinations(self, form: AffineForm) -> AffineForm:
        """A constraint's form by the place of an equal sum, if there is one, so that it bounds that place."""
        if len(form.coefficients) < 2:
            return form
        direction, scale = _direction(form)
        for place, definition in enumerate(self.definitions, start=len(self.variables)):
            if isinstance(definition, Combination) and len(definition.form.coefficients) == len(form.coefficients):
                other, size = _direction(definition.form)
                if other == direction:
                    ratio = scale / size
                    return AffineForm({place: ratio}, form.constant - ratio * definition.form.constant)
        return form

    def _form(self, expression: Expr) -> AffineForm:
        if isinstance(expression, Rational):
            return AffineForm({}, fmpq(int(expression.p), int(expression.q)))
        if expression in self.variables:
            return _at(self.variables.index(expression))
        if not expression.free_symbols:
            return _at(self._constant(expression))
        if expression.is_Add:
            return _sum([self.form(argument) for argument in expression.args])
        if expression.is_Mul:
            return self._product(expression)
        if isinstance(expression, Pow) and expression.base != sympy.E:
            return self._power(expression.base, expression.exp)
        if isinstance(expression, Max | Min):
            return self._extremum(expression)
        function = _FUNCTIONS.get(expression.func)
        if function is None:
            raise NotFactorableError(f"{expression.func} is not known to relaxations")
        return _at(self._atom(function, self.form(expression.args[0])))

    def _constant(self, expression: Expr) -> int:
        ball = enclose(expression, BITS)
        if ball is None:
            raise NotFactorableError(f"{expression} cannot be enclosed")
        with flint.ctx.workprec(BITS):
            low, high = ball.lower().fmpq(), ball.upper().fmpq()
        return self._new((expression,), Constant(low, high))

    def _product(self, expression: Expr) -> AffineForm:
        """Numbers, then the factors of the numerator, whose logarithms are taken as entropies, then those of the denominator."""
        number, rest = expression.as_coeff_Mul()
        if not isinstance(number, Rational):
            number, rest = sympy.Integer(1), expression
        above: list[Expr] = []
        below: list[Expr] = []
        for factor in sympy.Mul.make_args(rest):
            base, power = factor.as_base_exp()
            divides = isinstance(power, Rational) and power < 0
            (below if divides else above).append(Pow(base, -power) if divides else factor)
        sums = [factor for factor in above if factor.is_Add]
        if len(above) == 2 and len(sums) == 1 and not below and len(sums[0].args) <= MOST_DISTRIBUTED:
            other = above[1 - above.index(sums[0])]
            products = [other * term for term in sums[0].args]
            # x (y + 1/x) is not x y + 1, which is defined at zero
            if keeps_domain([rest], products):
                return _scaled(_sum([self.form(term) for term in products]), fmpq(int(number.p), int(number.q)))
        pairs, above = self._entropies(above)
        forms = [self._entropy(u, v) for u, v in pairs]
        forms += [self.form(factor) for factor in above]
        total = AffineForm({}, fmpq(1))
        for form in sorted(forms, key=lambda f: sorted(f.coefficients)):
            total = self._times(total, form)
        for factor in below:
            total = self._divide(total, self.form(factor), factor)
        return _scaled(total, fmpq(int(number.p), int(number.q)))

    def _times(self, left: AffineForm, right: AffineForm) -> AffineForm:
        for one, other in ((left, right), (right, left)):
            if not one.coefficients:
                return _scaled(other, one.constant)
        for one, other in ((left, right), (right, left)):
            if _is_single(one) and 1 < len(other.coefficients) <= MOST_DISTRIBUTED:
                # one factor times a sum: the envelopes of the single products add up to that of the whole
                parts = [self._times(one, _at(j)) for j in other.coefficients]
                scaled = [_scaled(part, a) for part, a in zip(parts, other.coefficients.values(), strict=True)]
                return _sum([*scaled, _scaled(one, other.constant)])
        (i, a), (j, b) = self._place(left), self._place(right)
        i, j = min(i, j), max(i, j)
        return _scaled(_at(self._new(("product", i, j), Product(i, j))), a * b)

    def _divide(self, above: AffineForm, below: AffineForm, factor: Expr) -> AffineForm:
        if not below.coefficients:
            raise NotFactorableError(f"division by {factor}")
        j, b = self._place(below)
        if not above.coefficients:
            place = self._new(("power", j, -1), Atom(Function.POWER, j, fmpq(-1)))
            return _scaled(_at(place), above.constant / b)
        i, a = self._place(above)
        return _scaled(_at(self._new(("quotient", i, j), Quotient(i, j))), a / b)

    def _power(self, base: Expr, exponent: Expr) -> AffineForm:
        if not isinstance(exponent, Rational):
            raise NotFactorableError(f"the exponent {exponent} is no rational number")
        form = self.form(base)
        p = fmpq(int(exponent.p), int(exponent.q))
        if p == 2:
            place, scale = self._place(form)
            return _scaled(_at(self._new(("product", place, place), Product(place, place))), scale * scale)
        if p.q != 1:
            return _at(self._atom(Function.POWER, form, p))
        place, scale = self._place(form)
        return _scaled(_at(self._new(("power", place, p), Atom(Function.POWER, place, p))), scale ** int(p.p))

    def _extremum(self, expression: Expr) -> AffineForm:
        """max(u, v) = (u + v + |u - v|) / 2, likewise the minimum."""
        half = fmpq(1, 2) if isinstance(expression, Max) else fmpq(-1, 2)
        forms = [self.form(argument) for argument in expression.args]
        total = forms[0]
        for form in forms[1:]:
            difference = _sum([total, _scaled(form, fmpq(-1))])
            apart = _at(self._atom(Function.ABSOLUTE, difference))
            total = _sum([_scaled(total, fmpq(1, 2)), _scaled(form, fmpq(1, 2)), _scaled(apart, half)])
        return total

    def _entropies(self, factors: Sequence[Expr]) -> tuple[list[tuple[Expr, Expr]], list[Expr]]:
        """The (u, v) with both u and log(u / v) among the factors, v = 1 for log(u), and the factors without them.

        The logarithm is defined where u / v > 0, so that u, v > 0 follows where one of them is known not to be negative.
        """
        rest, found = list(factors), []
        for factor in factors:
            if not isinstance(factor, sympy.log):
                continue
            u, v = factor.args[0].as_numer_denom()
            if u in rest and (v == 1 or (v.free_symbols and (self.is_nonnegative(u) or self.is_nonnegative(v)))):
                rest.remove(factor)
                rest.remove(u)
                found.append((u, v))
        return found, rest

    def _entropy(self, u: Expr, v: Expr) -> AffineForm:
        """u log u, or u log(u / v) for an v that is positive where u log u and log v are defined."""
        above = self._exact_place(self.form(u))
        entropy = self._new((Function.ENTROPY, above, None), Atom(Function.ENTROPY, above))
        if v == 1:
            return _at(entropy)
        below = self._exact_place(self.form(v))
        logarithm = self._new((Function.LOG, below, None), Atom(Function.LOG, below))
        i, j = min(above, logarithm), max(above, logarithm)
        product = self._new(("product", i, j), Product(i, j))
        key = ("relative entropy", above, below)
        return _at(self._new(key, RelativeEntropy(above, below, entropy, product)))

    def _atom(self, function: Function, argument: AffineForm, exponent: fmpq | None = None) -> int:
        place = self._exact_place(argument)
        return self._new((function, place, exponent), Atom(function, place, exponent))

    def _exact_place(self, form: AffineForm) -> int:
        if form.constant == 0 and list(form.coefficients.values()) == [1]:
            return next(iter(form.coefficients))
        key = ("sum", tuple(sorted(form.coefficients.items())), form.constant)
        return self._new(key, Combination(form))

    def _place(self, form: AffineForm) -> tuple[int, fmpq]:
        """(k, a) with form = a z_k."""
        if _is_single(form):
            return next(iter(form.coefficients.items()))
        scale = next(value for _, value in sorted(form.coefficients.items()))
        return self._exact_place(_scaled(form, 1 / scale)), scale

    def _new(self, key: object, definition: Definition) -> int:
        if key not in self.made:
            if len(self.definitions) >= MOST_PLACES:
                raise NotFactorableError("the problem has too many operations")
            self.made[key] = len(self.variables) + len(self.definitions)
            self.definitions.append(definition)
        return self.made[key]


def _direction(form: AffineForm) -> tuple[list[tuple[int, fmpq]], fmpq]:
    """The coefficients by the first of them, and that one."""
    items = sorted(form.coefficients.items())
    return [(j, value / items[0][1]) for j, value in items], items[0][1]


def _is_single(form: AffineForm) -> bool:
    return len(form.coefficients) == 1 and form.constant == 0


def _at(place: int) -> AffineForm:
    return AffineForm({place: fmpq(1)}, fmpq(0))


def _scaled(form: AffineForm, scale: fmpq) -> AffineForm:
    if scale == 0:
        return AffineForm({}, fmpq(0))
    return AffineForm({j: scale * value for j, value in form.coefficients.items()}, scale * form.constant)


def _sum(forms: Sequence[AffineForm]) -> AffineForm:
    coefficients: dict[int, fmpq] = {}
    for form in forms:
        for j, value in form.coefficients.items():
            coefficients[j] = coefficients.get(j, fmpq(0)) + value
    constant = sum((form.constant for form in forms), fmpq(0))
    return AffineForm({j: value for j, value in coefficients.items() if value != 0}, constant)


_FUNCTIONS = {
    sympy.exp: Function.EXP,
    sympy.log: Function.LOG,
    sympy.sin: Function.SIN,
    sympy.cos: Function.COS,
    Abs: Function.ABSOLUTE,
}
