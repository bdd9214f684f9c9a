"""Losses as they are defined, their gradients as `lagrangian` derives them, and what a step in float32 may lose."""

from functools import lru_cache

import mpmath
import numpy as np
import sympy
from sympy import exp, log, symbols

from lagrangian import Problem

UNIT = 2.0**-24  # a float32 operation is off by at most this share of its result
EXP2_ERROR = 3e-7  # what w2v.simd.exp2 states
LEAST = 2.0**-149  # and by this where it underflows


# --- losses of one input row, by its scores -----------------------------------------------------------------------------
# n_j counts and o_j offsets of the output words; the center is the first, where it is among them


def negative_sampling(scores, n, o):
    """-log σ(s_0) - Σ_j log σ(-s_j) (Mikolov et al. 2013, equation 4)."""
    return log(1 + exp(-scores[0])) + sympy.Add(*(log(1 + exp(score)) for score in scores[1:]))


def noise_contrastive(scores, n, o):
    """Telling the center from noise drawn n_j times, with o = log k q (Mnih and Teh 2012, equation 8)."""
    z = [score - offset for score, offset in zip(scores, o, strict=True)]
    return log(1 + exp(-z[0])) + sympy.Add(*(count * log(1 + exp(score)) for count, score in zip(n, z, strict=True)))


def sampled_softmax(scores, n, o):
    """-log of the softmax over the center and candidates drawn n_j times, with o = log k q (Jean et al. 2015, equation 8)."""
    z = [score - offset for score, offset in zip(scores, o, strict=True)]
    candidates = sympy.Add(*(count * exp(score) for count, score in zip(n[1:], z[1:], strict=True)))
    return log(exp(z[0]) + candidates) - z[0]


def full_softmax(scores, n, o):
    """-log of the softmax over all words."""
    return log(sympy.Add(*map(exp, scores))) - scores[0]


def hierarchical_softmax(scores, n, o):
    """-Σ_j log σ(±s_j) over the inner nodes above the center, + where n_j = 1 and - where it is 0 (Morin and Bengio 2005)."""
    return sympy.Add(*(log(1 + exp(-(2 * turn - 1) * score)) for turn, score in zip(n, scores, strict=True)))


# --- gradients ----------------------------------------------------------------------------------------------------------


def dot(a, b):
    return sympy.Add(*(p * q for p, q in zip(a, b, strict=True)))


@lru_cache
def derived_gradient(loss, contexts, outputs, size, is_cbow=False):
    """The gradient of the loss of a center by the rows of its contexts and of its output words, ready for numbers.

    With skip-gram the losses of the contexts add up; with CBOW the mean of their rows has one loss.
    """
    rows = [symbols(f"r{row}_:{size}", real=True) for row in range(contexts + outputs)]
    n, o = symbols(f"n:{outputs}", real=True), symbols(f"o:{outputs}", real=True)
    inputs, others = rows[:contexts], rows[contexts:]
    hidden = [[sympy.Add(*column) / contexts for column in zip(*inputs, strict=True)]] if is_cbow else inputs
    objective = sympy.Add(*(loss([dot(x, y) for y in others], n, o) for x in hidden))
    variables = [v for row in rows for v in row]
    equations = Problem(objective, over=variables).lagrangian().gradient_equations
    assert len(equations) == len(variables)
    return sympy.lambdify([*variables, *n, *o], [equation.lhs - equation.rhs for equation in equations], "mpmath")


def exact_gradient(loss, inputs, outputs, n, o, is_cbow=False):
    """The gradients by the input rows and by the output rows, right to the last bit of a float64."""
    gradient = derived_gradient(loss, len(inputs), len(outputs), inputs.shape[1], is_cbow)
    with mpmath.workprec(100):
        numbers = [mpmath.mpf(float(v)) for v in (*inputs.ravel(), *outputs.ravel(), *n, *o)]
        values = np.array([float(value) for value in gradient(*numbers)])
    return values[: inputs.size].reshape(inputs.shape), values[inputs.size :].reshape(outputs.shape)


def rounding_bounds(inputs, outputs, labels, counts, offsets, rate, *, is_softmax=False, is_cbow=False):
    """How far a step in float32 may be from the exact one, for input and output rows; to first order in UNIT, and 1 % more.

    The slope of a score is its share, counts σ(z) or counts exp(z) / Σ counts exp(z) with z = score - offset, less its label.

    A score is a sum of `size` products: it is off by size UNIT Σ|x||y|, in any order, and z by that of its offset and of its few
    roundings more. Its exponential is off by as much, relatively, and by EXP2_ERROR; so is σ(z), since σ(1 - σ) ≤ σ, and with
    softmax the sum too, which adds a rounding a term. A row adds up its steps, each rounded, and the sum after each; the mean
    of contexts is a sum of so many rows.
    """
    scale = 1 / len(inputs) if is_cbow else 1.0
    hidden = inputs.mean(axis=0, keepdims=True) if is_cbow else inputs
    h = np.abs(inputs).mean(axis=0, keepdims=True) if is_cbow else np.abs(inputs)
    h_error = (len(inputs) + 1) * UNIT * h if is_cbow else np.zeros_like(h)
    x, y = np.abs(inputs), np.abs(outputs)
    z = hidden @ outputs.T - offsets
    terms = np.abs(hidden @ outputs.T) + np.abs(offsets)
    exponents = inputs.shape[1] * UNIT * (h @ y.T) + h_error @ y.T + 4 * UNIT * terms + EXP2_ERROR
    shares = counts / (1 + np.exp(-z))
    if is_softmax:
        exponents = exponents + exponents.max(axis=1, keepdims=True) + (len(y) + 4 * terms.max()) * UNIT
        shares = counts * np.exp(z)
        shares /= shares.sum(axis=1, keepdims=True)
    errors = rate * (shares * exponents + 4 * UNIT * (shares + labels))
    slopes = rate * np.abs(shares - labels)
    for_outputs = errors.T @ h + slopes.T @ h_error + (len(h) + 1) * (UNIT * (y + slopes.T @ h) + LEAST)
    for_inputs = scale * (errors @ y) + (len(y) + 2) * (UNIT * (x + scale * (slopes @ y)) + LEAST)
    return 1.01 * for_inputs, 1.01 * for_outputs
