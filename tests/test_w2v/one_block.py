"""Run as a process: train one block, compare it with the slow twin, print what happened as JSON.

With an argument, take that target triple's register shape in place of the processor's own.
"""

import json
import sys
import time

from numba.core.registry import cpu_target

if len(sys.argv) > 1:
    triple = sys.argv[1]
    cpu_target.target_context.codegen().magic_tuple = lambda: (triple, "", "")

import numpy as np

from tests.oracles import sgns_oracle as oracle
from tests.test_w2v.test_kernels import sampling_for, weights_for
from w2v.kernels import choose_centers, train_block, train_centers
from w2v.schedule import Block
from w2v.simd import LANES, TILE_CONTEXTS
from w2v.workspace import text_in_order, workspace

worst = 0.0
started = time.process_time()
first_call_s = 0.0
for size, negative, window in ((100, 5, 5), (7, 1, 2), (40, 13, 4), (33, 6, 3)):
    words = 40
    sentence = np.random.default_rng(size).permutation(words).astype(np.int32)
    weights, inputs, outputs = weights_for(words, size, window, negative, seed=size)
    expected = inputs[:, :size].astype(float), outputs[:, :size].astype(float)
    sampling = sampling_for(words, window, negative)
    work = workspace(words, window, negative, weights)
    work.random[0] = 1
    _, loss = train_block(text_in_order(sentence, np.array([words])), Block(0, words, 0, 0.05), sampling, weights, work)
    first_call_s = first_call_s or time.process_time() - started
    _, expected_loss = oracle.train(
        [sentence], sampling.keep, oracle.alias_rows(sampling.noise), *expected,
        window=window, negative=negative, learning_rate=0.05, seed=1,
    )  # fmt: skip
    differences = [inputs[:, :size] - expected[0], outputs[:, :size] - expected[1], loss / expected_loss - 1]
    worst = max(worst, *(np.abs(difference).max() for difference in differences))
hits = sum(sum(kernel.stats.cache_hits.values()) for kernel in (choose_centers, train_centers))
# Numba shows the code only of what it has just compiled.
code = "" if hits else next(iter(train_centers.inspect_llvm().values()))
print(
    json.dumps(
        {
            "shape": [LANES, TILE_CONTEXTS],
            "worst": worst,
            "first_call_s": first_call_s,
            "hits": hits,
            "prefetches": code.count("llvm.prefetch"),
            "counted_references": code.count("NRT_"),
        }
    )
)
