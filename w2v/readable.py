"""Words as people can read them, whatever characters they have."""

import unicodedata

_LONGEST_WORD = 200
_HIDDEN = {"Cc", "Cf", "Zl", "Zp"}
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}


def readable(word: str) -> str:
    r"""A word that any text can hold and that shows all it is made of.

    Bytes that were not UTF-8, control characters, separators of lines, marks that turn the direction of writing and other
    characters without a shape become escapes as in Python, and so do the blanks of a word of blanks. Joiners stay, which letters
    and emoji need. Of more than 200 characters the first ones are given.

    >>> readable("caf\udce9"), readable("a\tb"), readable("\u202etxt"), readable(" "), readable("a" * 1000)[195:]
    ('caf\\xe9', 'a\\tb', '\\u202etxt', '\\x20', 'aaaaa… (1,000 characters)')
    """
    if len(word) > _LONGEST_WORD:
        return f"{readable(word[:_LONGEST_WORD])}… ({len(word):,} characters)"
    if word.isprintable() and word.strip():
        return word
    blank = not word.strip()
    return "".join(escaped(letter) if blank or _is_hidden(letter) else letter for letter in word)


def _is_hidden(letter: str) -> bool:
    if letter in "\u200c\u200d" or "\U000e0020" <= letter <= "\U000e007f":
        return False
    return unicodedata.category(letter) in _HIDDEN or "\ud800" <= letter <= "\udfff"


def escaped(letter: str) -> str:
    r"""A character as an escape of Python's; a byte that was not UTF-8 as that byte.

    >>> escaped("\n"), escaped("\u2028"), escaped("\udcff")
    ('\\n', '\\u2028', '\\xff')
    """
    number = ord(letter)
    if 0xDC80 <= number <= 0xDCFF:
        number -= 0xDC00
    width = (2, "x") if number < 0x100 else (4, "u") if number < 0x10000 else (8, "U")
    return _SHORT.get(letter) or f"\\{width[1]}{number:0{width[0]}x}"
