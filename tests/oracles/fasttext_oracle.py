"""fastText's .bin, written field by field as FastText::saveModel, Args::save, Dictionary::save and DenseMatrix::save do."""

import struct

import numpy as np


def model_bytes(
    words,
    counts,
    inputs,
    outputs,
    *,
    labels=(),
    bucket=0,
    min_n=0,
    max_n=0,
    version=12,
    model=2,
    loss=2,
    pruned=-1,
    quantized=(0, 0),
):
    """`words` and `labels` are bytes, `inputs` [words + bucket, size] and `outputs` [rows, size] of float32."""
    size = len(inputs[0])
    content = struct.pack("<2i", 793712314, version)
    for option in (size, 5, 1, 1, 5, 1, loss, model, bucket, min_n, max_n, 100):
        content += struct.pack("<i", option)
    content += struct.pack("<d", 1e-4)
    content += struct.pack("<3i", len(words) + len(labels), len(words), len(labels))
    content += struct.pack("<qq", sum(counts), pruned)
    for word, count in zip(words, counts, strict=True):
        content += word + b"\0" + struct.pack("<qb", count, 0)
    for label in labels:
        content += label + b"\0" + struct.pack("<qb", 1, 1)
    for matrix, flag in zip((inputs, outputs), quantized, strict=True):
        content += struct.pack("<b", flag) + struct.pack("<qq", len(matrix), len(matrix[0]))
        for row in matrix:
            content += struct.pack(f"<{len(row)}f", *row)
    return content


def word_vector(number, buckets, inputs, words):
    """FastText::getWordVector: rows are added in float32, one after the other, and the sum is multiplied by 1/m."""
    total = np.zeros(len(inputs[0]), np.float32)
    rows = ([] if number is None else [number]) + [words + bucket for bucket in buckets]
    for row in rows:
        total += np.asarray(inputs[row], np.float32)
    return total * np.float32(1.0 / len(rows))
