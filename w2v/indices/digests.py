"""What tells files and vectors from others."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.files import Path, reading


def _hash() -> Any:
    return hashlib.blake2b(digest_size=16)


def digest_of_file(path: Path) -> str:
    digest = _hash()
    with reading(path) as stream:
        while part := stream.read(1 << 20):
            digest.update(part)
    return str(digest.hexdigest())


def digest_of_vectors(vectors: NDArray[np.float32]) -> str:
    """What tells vectors from others: their shape and 1,000 rows of them."""
    rows = np.unique(np.linspace(0, len(vectors) - 1, min(len(vectors), 1000)).astype(np.int64))
    digest = _hash()
    digest.update(repr(vectors.shape).encode())
    digest.update(np.ascontiguousarray(vectors[rows], "<f4").tobytes())
    return str(digest.hexdigest())
