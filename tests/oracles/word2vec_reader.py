"""Reading word2vec's files as word2vec.c's distance.c does: by fields, one character after the other."""

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
