"""Reading word2vec's files as word2vec.c's distance.c does, character by character, and writing them as word2vec.c does."""

import struct


def read_binary(path):
    with open(path, "rb") as stream:
        count, size = map(int, stream.readline().split())
        vectors = {}
        for _ in range(count):
            word = b""
            while (letter := stream.read(1)) != b" ":
                assert letter, "the file ends within a word"
                if letter != b"\n":
                    word += letter
            vectors[word] = struct.unpack(f"<{size}f", stream.read(4 * size))
        assert stream.read().strip() == b""
        return vectors


def read_text(path):
    with open(path, "rb") as stream:
        count, size = map(int, stream.readline().split())
        rows = [line.split(b" ") for line in stream.read().splitlines()]
        assert len(rows) == count and all(len(row) == size + 1 for row in rows)
        return {row[0]: tuple(float(number) for number in row[1:]) for row in rows}


def write_binary(path, vectors):
    """As word2vec.c's -binary 1 does: fprintf("%s "), fwrite of each float, fprintf("\\n")."""
    size = len(next(iter(vectors.values())))
    with open(path, "wb") as stream:
        stream.write(f"{len(vectors)} {size}\n".encode())
        for word, vector in vectors.items():
            stream.write(word + b" ")
            for number in vector:
                stream.write(struct.pack("<f", number))
            stream.write(b"\n")


def write_text(path, vectors):
    """As word2vec.c's -binary 0 does: fprintf("%lf ") of each float, with a blank before the newline."""
    size = len(next(iter(vectors.values())))
    with open(path, "wb") as stream:
        stream.write(f"{len(vectors)} {size}\n".encode())
        for word, vector in vectors.items():
            stream.write(word + b" " + b"".join(f"{number:f} ".encode() for number in vector) + b"\n")
