"""How numbers and the optimum are shown: short formulas as they are, others by digits, polynomial and interval."""

from typing import Any

import sympy
from sympy import Eq, Symbol

from lagrangian.exact_numbers import ExactNumber
from lagrangian.report.blocks import Block, Formulas, say
from lagrangian.solution import Solution
from lagrangian.status import Status

LONGEST_FORM = 72
LARGEST_DEGREE = 6
DIGITS = 30
DIGITS_OF_INTERVALS = 15
DIGITS_ENCLOSED = 12


def short_form(number: ExactNumber) -> Any:
    """The exact form where it is short or has parameters, else a decimal with a sign that it is one."""
    form = number.expression if number.is_simple(LARGEST_DEGREE) else None
    if form is not None and not form.has(sympy.CRootOf) and (form.free_symbols or len(str(form)) <= LONGEST_FORM):
        return form
    return f"≈ {float(number):.10g}"


def optimum(solution: Solution, *, exactly: bool = True) -> list[Block]:
    """The value and the points; numbers that are no short formulas as decimals, and then ``exactly`` as roots of polynomials."""
    blocks: list[Block] = []
    roots: list[tuple[str, Any]] = []
    if solution.optimum is not None:
        label = "approached" if solution.status is Status.NOT_ATTAINED else "value"
        blocks.append(Formulas(((label, short_form(solution.optimum)), *_numerically(solution.optimum))))
        roots += _root("value", solution.optimum)
    if solution.coordinates:
        rows = []
        for point in solution.coordinates:
            rows.append(("at", tuple(equation(variable, number) for variable, number in point.items())))
            for variable, number in point.items():
                roots += _root(str(variable), number)
        blocks.append(Formulas(tuple(rows)))
    if roots and exactly:
        blocks += [say("Exactly, counting the real roots from the least:"), Formulas(tuple(dict(roots).items()))]
    return blocks


def _numerically(number: ExactNumber) -> tuple[tuple[str, str], ...]:
    form = short_form(number)
    if not number.is_exact and number.ball() is not None:
        return (("enclosed in", _interval(number, DIGITS_ENCLOSED)),)
    if isinstance(form, str) or form.is_Rational or form.free_symbols:
        return ()
    digits = number.decimal()
    return (("numerically", f"{digits}…" if digits is not None else f"{float(number):.15g}"),)


def equation(variable: Symbol, number: ExactNumber) -> Any:
    """x = 1/2, or a text such as x ≈ 0.5."""
    form = short_form(number)
    return f"{variable} {form}" if isinstance(form, str) else Eq(variable, form, evaluate=False)


def _root(name: str, number: ExactNumber) -> list[tuple[str, Any]]:
    """The polynomial and place of an algebraic number, an interval that holds it, and digits that are all right."""
    if not number.is_exact or not isinstance(shown := short_form(number), str):
        return []
    lines: list[tuple[str, Any]] = [(f"{name} {shown}", number.expression)]
    if number.expression.has(sympy.CRootOf):
        lines.append((f"{name} lies in", _interval(number, DIGITS_OF_INTERVALS)))
        digits = number.decimal(DIGITS)
        lines += [(f"{name} begins with", f"{digits}…")] if digits is not None else []
    return lines


def _interval(number: ExactNumber, digits: int) -> str:
    """An interval with decimal ends, rounded outward."""
    found = number.interval(digits)
    assert found is not None, "the number is enclosed"
    return f"[{', '.join(_decimal_fraction(end) for end in found)}]"


def _decimal_fraction(value: sympy.Rational) -> str:
    """A fraction whose denominator is a power of ten's divisor, exactly."""
    places = next(k for k in range(64) if (value * 10**k).is_Integer)
    digits = f"{abs(int(value * 10**places)):0{places + 1}d}"
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"
