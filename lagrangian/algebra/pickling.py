"""FLINT's numbers, polynomials and their rings, and relations as stated, for pickle: they go to other processes and back.

>>> import pickle
>>> register()
>>> pickle.loads(pickle.dumps(fmpq_poly([fmpq(1, 2), 3])))
3*x + 1/2
"""

import copyreg
from typing import Any

import flint
from flint import (
    arb,
    fmpq,
    fmpq_mpoly,
    fmpq_mpoly_ctx,
    fmpq_poly,
    fmpz,
    fmpz_mpoly,
    fmpz_mpoly_ctx,
    fmpz_mpoly_vec,
    fmpz_poly,
)
from sympy import Eq, Ge, Gt, Le, Lt, Ne


def register() -> None:
    """Tell pickle how to store these types; it may be called again."""
    copyreg.pickle(fmpz, lambda value: (fmpz, (int(value),)))
    copyreg.pickle(fmpq, lambda value: (fmpq, (int(value.p), int(value.q))))
    copyreg.pickle(arb, lambda ball: (arb, (ball.mid().man_exp(), ball.rad().man_exp())))
    for plain in (fmpz_poly, fmpq_poly):
        copyreg.pickle(plain, lambda polynomial: (type(polynomial), (polynomial.coeffs(),)))
    for context in (fmpz_mpoly_ctx, fmpq_mpoly_ctx):
        copyreg.pickle(context, lambda ring: (type(ring).get, (ring.names(), ring.ordering())))
    for mpoly in (fmpz_mpoly, fmpq_mpoly):
        copyreg.pickle(mpoly, lambda polynomial: (_polynomial, (polynomial.context(), polynomial.to_dict())))
    for relation in (Eq, Ne, Le, Lt, Ge, Gt):
        # SymPy's own way evaluates them: x**2 >= 0 for a real x would come back as True
        copyreg.pickle(relation, lambda stated: (_relation, (type(stated), *stated.args)))
    copyreg.pickle(fmpz_mpoly_vec, lambda vector: (_vector, (list(vector), _context_of(vector))))


def _relation(kind: Any, left: Any, right: Any) -> Any:
    return kind(left, right, evaluate=False)


def _polynomial(context: Any, terms: dict) -> Any:
    return context.from_dict(terms)


def _vector(polynomials: list, context: Any) -> fmpz_mpoly_vec:
    return fmpz_mpoly_vec(polynomials, context)


def _context_of(vector: fmpz_mpoly_vec) -> Any:
    if len(vector):
        return vector[0].context()
    return fmpz_mpoly_ctx.get((), flint.Ordering.degrevlex)
