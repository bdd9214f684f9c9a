"""The elements of MathML Core from which formulas are built: identifiers, numbers, operators, rows, brackets."""

from html import escape

from sympy.printing.conventions import split_super_sub

INVISIBLE_TIMES = "\u2062"
FUNCTION_APPLICATION = "\u2061"
THIN = '<mspace width="0.17em"></mspace>'
GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi"
NAMES = [*GREEK.split(), "omega"]
LETTERS = dict(zip(NAMES, "αβγδεζηθικλμνξοπρστυφχψω", strict=True)) | {"lamda": "λ"}
LETTERS |= {name.capitalize(): letter for name, letter in zip(NAMES, "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ", strict=True)}


def element(tag: str, *children: str, **attributes: str) -> str:
    named = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{named}>{''.join(children)}</{tag}>"


def row(*parts: str) -> str:
    """Parts as one, which is what the places of a fraction or a power need."""
    return parts[0] if len(parts) == 1 else element("mrow", *parts)


def words(text: str) -> str:
    """Text within a formula, where spaces at the ends would be lost."""
    return element("mtext", escape(text, quote=False).replace(" ", "\u00a0"))


def number(digits: str) -> str:
    return element("mn", escape(digits, quote=False))


def operator(sign: str, **attributes: str) -> str:
    return element("mo", escape(sign, quote=False), **attributes)


def infix(sign: str) -> str:
    """A sign between two things, with its spaces also where it comes first in a line."""
    return operator(sign, form="infix")


def minus() -> str:
    """The sign of a negative number."""
    return operator("−", form="prefix")


def bracketed(*parts: str, left: str = "(", right: str = ")") -> str:
    fences = operator(left, form="prefix", fence="true"), operator(right, form="postfix", fence="true")
    return element("mrow", fences[0], *parts, fences[1])


def listed(parts: list[str], sign: str = ",") -> list[str]:
    """Parts with a sign between them."""
    shown: list[str] = []
    for part in parts:
        shown += [operator(sign, separator="true"), part] if shown else [part]
    return shown


def identifier(name: str) -> str:
    """A name as it is written in a book: Greek letters, primes, and indices below.

    >>> identifier("mu_1")
    '<msub><mi>μ</mi><mn>1</mn></msub>'
    """
    head, above, below = split_super_sub(name)
    primes = len(head) - len(head.rstrip("'"))
    shown = _letter(head.rstrip("'"))
    high = [operator("′" * primes)] if primes else []
    high += listed([_letter(part) for part in above])
    low = listed([_letter(part) for part in below])
    if high and low:
        return element("msubsup", shown, row(*low), row(*high))
    if high or low:
        return element("msup" if high else "msub", shown, row(*(high or low)))
    return shown


def raised(base: str, exponent: str) -> str:
    """A power; above an index, not behind it, where the base has one."""
    if base.startswith("<msub>"):
        return element("msubsup", base.removeprefix("<msub>").removesuffix("</msub>"), exponent)
    return element("msup", base, exponent)


def _letter(name: str) -> str:
    """One letter slanted, several upright, as the browser does it."""
    if name.isdecimal():
        return number(name)
    return element("mi", escape(LETTERS.get(name, name), quote=False))


def is_word(shown: str) -> bool:
    """Whether an identifier is a word of several letters, beside which another one needs a space."""
    text = shown.partition("<mi>")[2].partition("</mi>")[0] if "<mi>" in shown else ""
    return len(text) > 1
