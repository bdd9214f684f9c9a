"""How training on a cluster scales: a simulation of its rounds, fed with rates that are measured here.

    python benchmarks/w2v_cluster.py CORPUS [--workers 1 2 4 8 16 32 64] [--gbit 1 10 25] [--words 20000 100000 1000000]

Measured, by the processor's time, on one thread: training, a word; finding changed rows, a row; bringing rows together, a row
that comes and a row that goes; taking rows over, a row; Ray's serialization, a byte; and what the driver spends on a round of
2, 4 and 8 workers who have nothing to do, from which a + b W + c W² is fitted by least squares. How many rows a round of R words
changes follows from the counts, Σ (1 - exp(-R p_w)) with p_w the rate at which a word is trained on that side, and is compared
with what is measured.

Simulated, round by round: every worker trains for a time that scatters as the measured rounds do, while the driver
sends its messages; the slowest is waited for; each sends the rows it changed to their owners, brings its own together, and
sends them to all; all take them over. Each worker has a machine of its own, whose link has the given bandwidth both ways.
Efficiency is words/s over those of so many machines that train without a cluster. With `--validate`, one and two workers are run
by Ray on this machine, and their processors' time a word is compared with what the same rates predict.
"""

import argparse
import sys
import time
from dataclasses import asdict, dataclass

import numpy as np
from recording import RESULTS, write_result

del sys.path[0]  # this script's folder, in which `w2v` would be the script itself

from w2v import TrainingConfig, read_corpus  # noqa: E402
from w2v.distributed.merge_kernels import put_rows  # noqa: E402
from w2v.distributed.merging import Merging, take_changes  # noqa: E402
from w2v.distributed.shares import deal  # noqa: E402
from w2v.distributed.training import cluster_run  # noqa: E402
from w2v.parameters import Parameters  # noqa: E402
from w2v.passes import training_pass  # noqa: E402
from w2v.rounds import BLOCK_RESULT  # noqa: E402
from w2v.sampling import keep_probabilities, noise_probabilities  # noqa: E402

LATENCY_S = 0.5e-3  # of a transfer in a data center, and of a call to another process
SIMULATED_ROUNDS = 200
PARTS = 8  # workers whose rows are brought together when that is measured


@dataclass(frozen=True)
class Rates:
    """Seconds of a processor, each for one unit, and how much the time of a round scatters."""

    word: float
    scanned_row: float
    changed_row: float
    coming_row: float
    merged_row: float
    taken_row: float
    curvature: float
    byte: float
    driver: tuple[float, float, float]
    scatter: float


def rows_changed(counts, config, words):
    """How many rows of both matrices a worker changes, on average, who trains so many words of the text."""
    tokens = words * counts * keep_probabilities(counts, config.sample) / counts.sum()
    drawn = tokens + tokens.sum() * config.negative * noise_probabilities(counts, config.ns_exponent)
    return float((1 - np.exp(-tokens)).sum() + (1 - np.exp(-drawn)).sum())


class Clock:
    """Adds up the processor's time of parts of a program."""

    def __init__(self):
        self.seconds, self._last = {}, time.process_time()

    def note(self, name):
        now = time.process_time()
        self.seconds.setdefault(name, []).append(now - self._last)
        self._last = now

    def total(self, name):
        return sum(self.seconds[name])


def measure_rows(corpus, config, round_words, rounds):
    """The rates of all that is not Ray's, and the rows that a round changes."""
    shares = deal(corpus, PARTS)
    parameters = Parameters(corpus.vocabulary, config)
    before = {name: matrix.copy() for name, matrix in parameters.matrices.items()}
    merging = Merging(config, corpus.vocabulary.counts, round_words, parameters)
    passes = [training_pass(share, config, None) for share in shares]
    passes[0].compile(parameters.weights)
    blocks = max(round_words // 10_000, 1)
    clock, found, coming, going, words = Clock(), [], 0, 0, 0
    for number in range(rounds + 1):
        if number == 1:  # the first round has compiled the kernels
            clock, found, coming, going, words = Clock(), [], 0, 0, 0
        changes = []
        for share in passes:
            numbers = range(number * blocks, (number + 1) * blocks)
            clock.note("other")
            share.train(share.dealer(numbers), parameters.weights, np.zeros(len(share.blocks), BLOCK_RESULT), int)
            clock.note("train")
            words += share.blocks.tokens_before(numbers.stop) - share.blocks.tokens_before(numbers.start)
            curvatures = merging.curvatures()
            clock.note("curvature")
            changed = {name: take_changes(before[name], rows, PARTS) for name, rows in parameters.matrices.items()}
            clock.note("find")
            changes.append(changed)
            found.append(sum(len(part.numbers) for parts in changed.values() for part in parts))
        merged = []
        for owner in range(PARTS):
            for name in before:
                parts = [own[name][owner] for own in changes]
                clock.note("other")
                rows = merging.merge(name, config.alpha, curvatures[name], before[name], owner, parts)
                clock.note("merge")
                merged.append((name, rows))
                coming, going = coming + sum(len(part.numbers) for part in parts), going + len(rows.numbers)
        for name, (numbers, values) in merged:
            put_rows(numbers, values, parameters.matrices[name], before[name])
        clock.note("take")
    return clock, float(np.mean(found)), coming, going, words


def measure_ray(most):
    """The seconds that a byte takes into the object store, and those that the driver spends on rounds without rows."""
    import ray

    array = np.zeros(1 << 24, np.uint8)
    ray.put(array)
    started = time.process_time()
    kept = [ray.put(array) for _ in range(8)]
    byte = (time.process_time() - started) / (len(kept) * array.nbytes)

    @ray.remote(num_cpus=0)
    class Idle:
        def parts(self, count):
            return tuple(range(count))

        def joined(self, *parts):
            return len(parts)

    workers, seconds = [Idle.remote() for _ in range(most)], []
    for count in (2, 4, most):
        for _ in range(6):
            started = time.process_time()
            calls = [own.parts.options(num_returns=count).remote(count) for own in workers[:count]]
            merged = [own.joined.remote(*(call[place] for call in calls)) for place, own in enumerate(workers[:count])]
            taken = [own.joined.remote(*merged) for own in workers[:count]]
            ray.get([call[0] for call in calls])
            ray.get(taken)
            seconds.append((count, time.process_time() - started))
    counts, times = np.array(seconds[2:]).T
    driver = np.linalg.lstsq(np.stack([counts**0, counts, counts**2], axis=1), times, rcond=None)[0]
    return byte, tuple(np.maximum(driver, 0).tolist())


def rates_of(clock, found, coming, going, words, matrix_rows, byte, driver):
    """What a unit of each work takes. Of merging, a row that goes takes some ten times as long as one that comes."""
    trained = np.array(clock.seconds["train"])
    rounds = len(trained)
    merge = clock.total("merge") / (coming + 10 * going)
    return Rates(
        word=clock.total("train") / words,
        scanned_row=clock.total("find") / rounds / (matrix_rows + 2 * found),
        changed_row=2 * clock.total("find") / rounds / (matrix_rows + 2 * found),
        coming_row=merge,
        merged_row=10 * merge,
        taken_row=clock.total("take") / going,
        curvature=clock.total("curvature") / rounds,
        byte=byte,
        driver=driver,
        scatter=float(np.std(trained) / np.mean(trained)),
    )


def round_s(rates, counts, config, workers, words, gbit, random):
    """One simulated round: the seconds that it takes, and those of a worker's processor."""
    changed, union = (rows_changed(counts, config, amount) for amount in (words, workers * words))
    row_bytes = 4 * config.vector_size + 4
    train = rates.word * words * np.maximum(1 + rates.scatter * random.standard_normal(workers), 0.1)
    find = rates.curvature + 2 * len(counts) * rates.scanned_row + changed * rates.changed_row
    sent, received = changed * row_bytes, union * row_bytes
    merge = changed * rates.coming_row + union / workers * rates.merged_row if workers > 1 else 0.0
    serialize = (sent + received / workers) * rates.byte
    take = union * rates.taken_row
    per_s = gbit * 1e9 / 8
    # each sends and receives at once; what stays on the machine does not travel
    travel = (workers - 1) / workers * (sent + received) / per_s + 4 * LATENCY_S
    driver = float(np.dot(rates.driver, (1, workers, workers**2)))
    own = find + serialize + merge + take
    return max(float(train.max()), driver) + own + travel, float(train.mean()) + own


def simulate(rates, counts, config, workers, words, gbit):
    random = np.random.default_rng(1)
    seconds = [round_s(rates, counts, config, workers, words, gbit, random)[0] for _ in range(SIMULATED_ROUNDS)]
    return workers * words / float(np.mean(seconds))


def validate(corpus, config, rates, round_words):
    """Processor seconds a word of one and two workers of Ray, beside what the rates say of their work."""
    lines, counts = [], corpus.vocabulary.counts
    for workers in (1, 2):
        with cluster_run(corpus, config, workers=workers, address="local", round_words=round_words) as run:
            run.advance(to=2)
            before, began = sum(run.training.crew.processor_s()), time.perf_counter()
            run.advance(to=12)
            spent, wall = sum(run.training.crew.processor_s()) - before, time.perf_counter() - began
            blocks = run.training.blocks
            words = blocks.tokens_before(12) - blocks.tokens_before(2)
        own = round_s(rates, counts, config, workers, words / 10 / workers, 10, np.random.default_rng(1))[1]
        lines.append(
            {
                "workers": workers,
                "measured_processor_s_per_million": spent / words * 1e6,
                "predicted_processor_s_per_million": own * 10 * workers / words * 1e6,
                "measured_words_per_s": words / wall,
            }
        )
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32, 64])
    parser.add_argument("--gbit", type=float, nargs="+", default=[1, 10, 25])
    parser.add_argument("--words", type=int, nargs="+", default=[20_000, 100_000, 1_000_000])
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--validate", action="store_true")
    options = parser.parse_args()
    import ray

    config = TrainingConfig(vector_size=options.vector_size, epochs=1)
    corpus = read_corpus(options.corpus, config.min_count)
    counts = corpus.vocabulary.counts
    measured = measure_rows(corpus, config, 100_000, options.rounds)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
    byte, driver = measure_ray(8)
    rates = rates_of(*measured, 2 * len(counts), byte, driver)
    expected = rows_changed(counts, config, 100_000)
    print(f"rows that 100,000 words change: {measured[1]:,.0f}, by the counts {expected:,.0f}")
    for name, value in asdict(rates).items():
        print(f"{name:12} {value}")
    validated = validate(corpus, config, rates, 100_000) if options.validate else []
    for line in validated:
        print(line)
    ray.shutdown()
    table = {}
    for words in options.words:
        for gbit in options.gbit:
            speeds = [simulate(rates, counts, config, workers, words, gbit) for workers in options.workers]
            table[f"{words} words, {gbit:g} Gbit/s"] = speeds
            cells = [
                f"{speed / 1e6:.1f} ({speed / workers * rates.word:.0%})"
                for speed, workers in zip(speeds, options.workers, strict=True)
            ]
            print(f"| {words:,} | {gbit:g} | " + " | ".join(cells) + " |")
    figures = {"rates": asdict(rates), "rows": [measured[1], expected], "validated": validated}
    write_result(RESULTS / "w2v_cluster.json", ("numpy", "numba", "ray"), {**figures, "words_per_s": table})


if __name__ == "__main__":
    main()
