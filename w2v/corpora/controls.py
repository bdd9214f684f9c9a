"""Control characters, by which what is no text can be told."""

import codecs

_CONTROLS = [bytes([code]) for code in range(32) if code not in b"\t\n\v\f\r\x1b"]


def controls_in(head: bytes) -> int:
    """How many bytes are control characters that text does not have.

    >>> controls_in(b"a\\n\\x00\\x01")
    2
    """
    return sum(map(head.count, _CONTROLS))


def may_be_no_text(head: bytes) -> bool:
    """Whether more than one byte in thirty is such a control character, of 64 or more."""
    return len(head) >= 64 and controls_in(head) * 30 > len(head)


def is_text(head: bytes) -> bool:
    r"""Whether bytes are UTF-8, but for a last character that is cut off, without such control characters.

    >>> is_text("größe".encode()[:4]), is_text(b"\xff and more")
    (True, False)
    """
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return not controls_in(head)
