"""How fast skip-gram with negative sampling can be on this machine, and how fast it is: the model of docs/performance.md.

    python benchmarks/w2v_model.py [CORPUS] [--sizes 16 50 100 200 300 400] [--rounds 3] [--picture FILE.svg]

Without a CORPUS the text is drawn at random from words whose shares fall as 1 / rank. Measured first: the rate of independent
multiply-adds in registers, and the rate at which rows of the two matrices, taken at random and fetched ahead, are read and
written. Then blocks are trained at each vector size, one thread, the processor's time, in turns; each size's best turn counts.
"""

import argparse
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from recording import RESULTS, write_result

del sys.path[0]  # this script's folder, in which `w2v` would be the script itself

from w2v.compilation import kernel  # noqa: E402
from w2v.config import TrainingConfig  # noqa: E402
from w2v.corpus import read_corpus  # noqa: E402
from w2v.kernels import train_block  # noqa: E402
from w2v.sampling import alias_table, keep_limits, keep_probabilities, noise_probabilities  # noqa: E402
from w2v.schedule import schedule  # noqa: E402
from w2v.simd import (  # noqa: E402
    LANES,
    TILE_OUTPUTS,
    add_products,
    load,
    load_each,
    multiply_add,
    prefetch,
    splat,
    store,
    store_all,
    take,
    zero_products,
)
from w2v.weights import initial_weights  # noqa: E402
from w2v.workspace import ROW_ALIGNMENT, Sampling, aligned_zeros, output_tiles, text_in_order, workspace  # noqa: E402

TILE_ROWS = 4
LEAST_SIZE = 16


@dataclass(frozen=True)
class Machine:
    """Operations of multiply-adds in registers and bytes of rows at random, in 1e9 a second; a core's own cache in bytes."""

    gflops: float
    gbytes: float
    cache_bytes: int


@dataclass(frozen=True)
class Work:
    """What training costs a token of the text: operations of multiply-adds (two each), and rows by where they are found."""

    centers: float
    pairs: float
    operations: float
    far_bytes: float


@kernel
def _multiply_adds(turns, numbers, result):
    rows = load_each(numbers, take(_ROWS, 0, TILE_ROWS), 0)
    columns = load_each(numbers, take(_ROWS, 0, TILE_OUTPUTS), 0)
    sums = zero_products(rows, columns)
    for _ in range(turns):
        sums = add_products(rows, columns, sums)
    store_all(result, 0, sums)


_ROWS = np.arange(TILE_OUTPUTS) * ROW_ALIGNMENT


@kernel
def _touch_rows(order, matrix, stride, ahead):
    one = splat(np.float32(0.5))
    for i in range(order.shape[0]):
        row = order[i] * stride
        soon = order[min(i + ahead, order.shape[0] - 1)] * stride
        for k in range(0, stride, LANES):
            prefetch(matrix, soon + k)
            store(matrix, row + k, multiply_add(one, load(matrix, row + k), one))


def best_s(function, turns=5):
    """The least processor time of some calls."""
    times = []
    for _ in range(turns):
        started = time.process_time()
        function()
        times.append(time.process_time() - started)
    return min(times)


def measure_machine(rows, stride):
    """`rows` rows of `stride` float32, as many as both matrices have."""
    numbers, result = aligned_zeros(256), aligned_zeros(TILE_ROWS * TILE_OUTPUTS * LANES)
    turns = 4_000_000
    _multiply_adds(1, numbers, result)
    peak = turns * TILE_ROWS * TILE_OUTPUTS * LANES * 2 / best_s(lambda: _multiply_adds(turns, numbers, result)) / 1e9
    matrix, order = aligned_zeros(rows * stride), np.random.default_rng(0).permutation(rows)
    matrix[:] = 1
    _touch_rows(order, matrix, stride, 8)
    far = rows * stride * 4 * 2 / best_s(lambda: _touch_rows(order, matrix, stride, 8)) / 1e9
    return Machine(peak, far, cache_bytes())


def cache_bytes():
    """The greatest cache that this processor's cores have to themselves: what is shared with others may be taken by them."""
    found = 1 << 20
    for index in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*"):
        if (index / "level").read_text().strip() == "2":
            text = (index / "size").read_text().strip()
            found = int(text[:-1]) * (1 << {"K": 10, "M": 20}[text[-1]])
    return found


def zipf_corpus(words=80_000, tokens=2_000_000, sentence=25):
    random = np.random.default_rng(1)
    shares = 1 / np.arange(1, words + 1)
    ids = random.choice(words, tokens, p=shares / shares.sum()).astype(np.int32)
    counts = np.maximum(np.bincount(ids, minlength=words), 1)
    return ids, np.arange(sentence, tokens + 1, sentence), counts


def work_of(counts, pairs, centers, tokens, stride, config, cache):
    """The operations that are executed, padding included, and the bytes of rows that are not among those the cache holds."""
    rows = output_tiles(config.negative) * TILE_OUTPUTS
    noise = np.sort(noise_probabilities(counts, config.ns_exponent))[::-1]
    kept = np.sort(counts * keep_probabilities(counts, config.sample))[::-1]
    near = min(cache // (2 * 4 * stride), len(counts))
    missed_negative, missed_word = 1 - noise[:near].sum(), 1 - kept[:near].sum() / kept.sum()
    row_bytes = 2 * 4 * stride  # read and written
    far = (
        config.negative * missed_negative + 2 * missed_word
    ) * row_bytes  # a center's own output row, and one input row
    return Work(centers / tokens, pairs / tokens, 6 * rows * stride * pairs / tokens, far * centers / tokens)


def train_some(ids, ends, counts, config, rounds, tokens):
    """The best processor seconds of a pass over some of the blocks, and what it did: its pairs, centers and tokens."""
    sampling = Sampling(
        keep_limits(counts, config.sample),
        alias_table(noise_probabilities(counts, config.ns_exponent)),
        config.window,
        config.negative,
    )
    text, blocks, weights = text_in_order(ids, ends), schedule(ends, config), initial_weights(len(counts), config)[0]
    work = workspace(blocks.longest_block, config.window, config.negative, weights)
    some = [blocks.block(i) for i in range(len(blocks)) if blocks.tokens_before(i) < tokens]
    done = {}

    def train():
        done["pairs"] = 0
        for number, block in enumerate(some):
            work.random[0] = blocks.seeds[number]
            done["pairs"] += train_block(text, block, sampling, weights, work)[0]

    train_block(text, some[0]._replace(stop=0), sampling, weights, work)
    seconds = best_s(train, rounds)
    trained = np.bincount(ids[: some[-1].stop], minlength=len(counts))
    centers = float(trained @ keep_probabilities(counts, config.sample))
    return seconds, done["pairs"], centers, some[-1].stop, weights.stride


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?")
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 100, 200, 300, 400])
    parser.add_argument("--tokens", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--picture", type=Path, help="draw the figures, with Matplotlib")
    asked = parser.parse_args()
    if asked.corpus:
        corpus = read_corpus(asked.corpus, 5)
        ids, ends, counts = corpus.ids, corpus.ends, corpus.vocabulary.counts
    else:
        ids, ends, counts = zipf_corpus()
    figures = measure(ids, ends, counts, asked)
    write_result(RESULTS / "w2v_model.json", ("numpy", "numba"), figures)
    if asked.picture:
        draw(figures, asked.picture)


def measure(ids, ends, counts, asked):
    machine = measure_machine(2 * len(counts), 112)
    print(
        f"{machine.gflops:.0f} GFLOP/s, {machine.gbytes:.1f} GB/s of rows at random, {machine.cache_bytes >> 10} KiB of cache"
    )
    overhead, sizes = None, []
    for size in [LEAST_SIZE, *asked.sizes]:
        config = TrainingConfig(vector_size=size, epochs=1)
        seconds, pairs, centers, tokens, stride = train_some(ids, ends, counts, config, asked.rounds, asked.tokens)
        work = work_of(counts, pairs, centers, tokens, stride, config, machine.cache_bytes)
        arithmetic_s, memory_s = work.operations / machine.gflops / 1e9, work.far_bytes / machine.gbytes / 1e9
        # Rows are read in time by prefetching; nothing hides that they are written back, half of the traffic.
        apart_s = arithmetic_s + memory_s / 2
        overhead = seconds / tokens - apart_s if overhead is None else overhead
        sizes.append(
            {
                "vector_size": size,
                "words_per_s": tokens / seconds,
                "limit_words_per_s": 1 / max(arithmetic_s, memory_s),
                "model_words_per_s": 1 / (apart_s + overhead),
                "share_of_peak": work.operations * tokens / seconds / machine.gflops / 1e9,
                "operations_per_far_byte": work.operations / work.far_bytes,
                "work_per_token": asdict(work),
            }
        )
        row = sizes[-1]
        print(
            f"d = {size:3}: {row['words_per_s'] / 1e6:6.2f} million words/s, model {row['model_words_per_s'] / 1e6:6.2f}, "
            f"limit {row['limit_words_per_s'] / 1e6:6.2f}; {100 * row['share_of_peak']:.0f} % of the peak"
        )
    return {
        "machine_rates": asdict(machine),
        "overhead_ns_per_token": 1e9 * overhead,
        "vocabulary": len(counts),
        "sizes": sizes,
    }


def draw(figures, path):
    """The roofline, and the words a second by vector size, each with what was measured and the model."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rates, sizes = figures["machine_rates"], figures["sizes"][1:]
    figure, (roofline, speeds) = pyplot.subplots(1, 2, figsize=(9, 4), layout="constrained")
    operations_a_byte = np.geomspace(1, 64, 200)
    roofline.loglog(operations_a_byte, np.minimum(rates["gflops"], operations_a_byte * rates["gbytes"]), color="black")
    for i, row in enumerate(sizes):
        reached = row["share_of_peak"] * rates["gflops"]
        roofline.plot(row["operations_per_far_byte"], reached, "o", color="tab:blue")
        place = (row["operations_per_far_byte"], reached)
        side = (-24, -3) if i % 2 else (8, -3)
        roofline.annotate(str(row["vector_size"]), place, textcoords="offset points", xytext=side, fontsize=8)
    roofline.set_xticks([1, 2, 4, 8, 16, 32, 64], labels=["1", "2", "4", "8", "16", "32", "64"])
    roofline.set_yticks([25, 50, 100, 200, 400], labels=["25", "50", "100", "200", "400"])
    roofline.minorticks_off()
    roofline.set_xlabel("operations a byte from beyond the core's own cache")
    roofline.set_ylabel("GFLOP/s (a multiply-add counts two)")
    roofline.set_title("roofline; numbers are vector sizes", fontsize=10)
    vector_sizes = [row["vector_size"] for row in sizes]
    for key, style, label in (
        ("limit_words_per_s", "k-", "limit of the core"),
        ("model_words_per_s", "r--", "model"),
        ("words_per_s", "o-", "measured"),
    ):
        speeds.plot(vector_sizes, [row[key] / 1e6 for row in sizes], style, label=label)
    speeds.set_ylim(0, 1.3 * max(row["words_per_s"] for row in sizes) / 1e6)
    speeds.set_xlabel("vector size")
    speeds.set_ylabel("million words a second")
    speeds.legend()
    figure.savefig(path)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
