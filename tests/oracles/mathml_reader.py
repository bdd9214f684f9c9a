"""The value of a formula in presentation MathML, read as a person reads it: an independent way back from what is printed."""

import xml.etree.ElementTree as ET

import mpmath

SIGNS = {"=", "≠", "≤", "≥", "<", ">"}
TIMES = {"\u2062", "·", "×"}
APPLY = "\u2061"
CONSTANTS = {"π": mpmath.pi, "e": mpmath.e, "i": mpmath.mpc(0, 1)}
FUNCTIONS = {
    name: getattr(mpmath, name) for name in ("sin", "cos", "tan", "atan", "sinh", "cosh", "tanh", "log", "erf", "sign")
}
FUNCTIONS |= {"max": max, "min": min, "Γ": mpmath.gamma, "W": mpmath.lambertw}


def value(text, names):
    """The value of a formula, with those of its names; of a relation (sign, left, right)."""
    return Reader(names).line([ET.fromstring(text)])


class Reader:
    """Rows of elements as sums of products of factors."""

    def __init__(self, names):
        self.names = names

    def line(self, items):
        items = [item for item in flat(items) if item.tag != "mspace"]
        for place, item in enumerate(items):
            if item.tag == "mo" and item.text in SIGNS:
                return item.text, self.line(items[:place]), self.line(items[place + 1 :])
        return self.total(items)

    def total(self, items):
        found, sign, part = mpmath.mpf(0), 1, []
        for item in items:
            if item.tag == "mo" and item.text in "+−":
                if part:
                    found += sign * self.product(part)
                elif item.get("form") != "prefix":
                    raise ValueError("a sign between nothing and something")
                sign, part = (-1 if item.text == "−" else 1), []
            else:
                part.append(item)
        return found + sign * self.product(part)

    def product(self, items):
        found, place, expected = mpmath.mpf(1), 0, True
        while place < len(items):
            item = items[place]
            if item.tag == "mo" and item.text == "/":  # in an exponent: two numbers
                found, place = found / self.factor(items[place + 1]), place + 2
            elif item.tag == "mo" and item.text in TIMES:
                assert not expected, "two signs of a product"
                assert item.text != "\u2062" or not begins_with_number(items[place + 1]), "digits run together"
                expected, place = True, place + 1
            elif place + 1 < len(items) and items[place + 1].text == APPLY:
                found, expected, place = found * self.call(item, items[place + 2]), False, place + 3
            else:
                assert expected, "two factors without a sign between them"
                found, expected, place = found * self.factor(item), False, place + 1
        assert not expected, "a sign and no factor after it"
        return found

    def call(self, name, argument):
        power = 1
        if name.tag == "msup":
            name, power = name[0], self.factor(name[1])
        inside = list(argument)[1:-1]
        arguments, part = [], []
        for item in inside:
            if item.get("separator"):
                arguments, part = [*arguments, part], []
            else:
                part.append(item)
        return FUNCTIONS[name.text](*(self.line(part) for part in [*arguments, part])) ** power

    def factor(self, item):
        if item.tag == "mn":
            return mpmath.mpf(item.text)
        if item.tag in ("mi", "msub") and shown(item) in {**CONSTANTS, **self.names}:
            return self.names.get(shown(item), CONSTANTS.get(shown(item)))
        if item.tag == "msubsup":
            base, index, power = item
            return self.factor(named(base, index)) ** self.line([power])
        if item.tag == "mrow":
            return self.row(list(item))
        parts = [self.line([child]) for child in item]
        return {
            "mfrac": lambda over, under: over / under,
            "msqrt": mpmath.sqrt,
            "mroot": lambda inside, order: mpmath.power(inside, 1 / order),
            "msup": mpmath.power,
        }[item.tag](*parts)

    def row(self, children):
        first = children[0].text if children[0].get("fence") else None
        if first is None:
            return self.line(children)
        inside = self.line(children[1:-1])
        return {"(": lambda v: v, "|": abs, "⌊": mpmath.floor, "⌈": mpmath.ceil}[first](inside)


def flat(items):
    """A row without brackets says no more than its parts in their place, where nothing binds more than a sum."""
    found = []
    for item in items:
        children = list(item)
        if item.tag == "mrow" and children and not children[0].get("fence"):
            found += flat(children)
        else:
            found.append(item)
    return found


def begins_with_number(item):
    """Whether digits come first, as it looks; a root sign or a bracket would stand before them."""
    if item.tag in ("mrow", "msup", "msub"):
        return begins_with_number(item[0])
    return item.tag in ("mn", "mfrac")


def named(base, index):
    """A name with an index, alone."""
    element = ET.Element("msub")
    element.extend([base, index])
    return element


def shown(item):
    return "_".join("".join(part.itertext()) for part in ([item] if item.tag == "mi" else item))
