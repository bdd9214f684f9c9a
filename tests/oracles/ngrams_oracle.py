"""The n-grams of a word and their hash, from the description of FNV-1a and of fastText's n-grams: slow, and checked by eye."""


def hash_of(letters):
    """FNV-1a with 32 bits (Fowler, Noll, Vo), where a byte is a signed number that is widened to 32 bits."""
    code = 2166136261
    for byte in letters:
        signed = byte - 256 if byte >= 128 else byte
        code = ((code ^ (signed % 2**32)) * 16777619) % 2**32
    return code


def characters_of(letters):
    """The sequences of UTF-8 in some bytes; a byte that continues none goes to the one before it."""
    characters = []
    for i in range(len(letters)):
        if 0x80 <= letters[i] < 0xC0 and characters:
            characters[-1] += letters[i : i + 1]
        else:
            characters.append(letters[i : i + 1])
    return characters


def ngrams_of(word, min_n, max_n):
    """All n-grams of <word> but for the brackets alone."""
    characters = characters_of(("<" + word + ">").encode("utf-8", "surrogateescape"))
    size = len(characters)
    spans = [(i, i + n) for i in range(size) for n in range(min_n, max_n + 1) if i + n <= size]
    return [b"".join(characters[i:j]) for i, j in spans if (i, j) not in ((0, 1), (size - 1, size))]
