"""Words as people can read them, whatever bytes they have."""

_LONGEST_WORD = 200


def readable(word: str) -> str:
    r"""A word that any text can hold: bytes that were not UTF-8 as \xff, and of more than 200 characters the first ones.

    >>> readable("caf\udce9"), readable("a" * 1000)[195:]
    ('caf\\xe9', 'aaaaa… (1,000 characters)')
    """
    if len(word) > _LONGEST_WORD:
        return f"{readable(word[:_LONGEST_WORD])}… ({len(word):,} characters)"
    try:
        return word.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # half of a surrogate pair, which came from no file
        return word.encode("utf-8", "backslashreplace").decode()
