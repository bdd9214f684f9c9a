"""How formulas look in pictures: 3x − 2·y, |x|, λ₁."""

import re

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
FACTOR = r"[^\W\d_]|[(√|]"


def typeset(label: str) -> str:
    """A label in signs of print: products without stars, the minus sign, bars for absolute values, small indices.

    >>> typeset("3*x - 2*y*z + Abs(x_1 - x2)")
    '3x − 2y·z + |x₁ − x₂|'
    >>> typeset("p* = -2*√5"), typeset("Max(x, -x) ≤ oo")
    ('p* = −2√5', 'max(x, −x) ≤ ∞')
    """
    label = _bars(label).replace("Max(", "max(").replace("Min(", "min(")
    label = re.sub(
        r"(?<![\w.])([^\W\d_])(\d+)(?![\w.(])", lambda found: found[1] + found[2].translate(SUBSCRIPTS), label
    )
    label = re.sub(r"_(\d+)", lambda found: found[1].translate(SUBSCRIPTS), label)
    label = label.replace("**", "^")
    label = re.sub(rf"(?<![\w.^])(\d+)\*(?={FACTOR})", r"\1", label)
    label = re.sub(r"(?<=[\w)²³⁴⁵⁶⁷⁸⁹⁰¹₀-₉|])\*(?=[\w(√|])", "·", label)
    label = re.sub(r"\boo\b", "∞", label)
    return re.sub(r"(?:(?<=^)|(?<=[\s(\[,]))-(?=[\s\w(√|∞])", "−", label)


def _bars(label: str) -> str:
    """Bars in place of Abs(...), the innermost first."""
    while (start := label.rfind("Abs(")) >= 0:
        depth, end = 1, start + 4
        while end < len(label) and depth:
            depth += {"(": 1, ")": -1}.get(label[end], 0)
            end += 1
        label = f"{label[:start]}|{label[start + 4 : end - 1]}|{label[end:]}"
    return label
