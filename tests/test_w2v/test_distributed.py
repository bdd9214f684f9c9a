"""Training by several workers who take turns in this process: what a cluster computes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from w2v import TrainingConfig, read_corpus
from w2v import train as train_here
from w2v.checkpoint import Checkpoints
from w2v.distributed import merging
from w2v.distributed.merging import Curvature, Merging, Rows, curvature, take_changes
from w2v.distributed.replica import Replica
from w2v.distributed.shares import Rounds, deal, rounds, worker_config
from w2v.distributed.training import cluster_run, train
from w2v.errors import CheckpointError, ConfigError, CorpusError, DivergenceError
from w2v.held_out import hold_out
from w2v.parameters import Parameters
from w2v.trainer import train_run

SMALL = {"vector_size": 20, "min_count": 1, "epochs": 2, "sample": 0.0}
ROUND = 20_000


def text(sentences=6_000, words=300, seed=3):
    """Sentences of twelve words, of which each is mostly followed by the next number: there is something to learn."""
    random = np.random.default_rng(seed)
    first = np.floor(words * random.random((sentences, 1)) ** 2).astype(int)
    steps = np.where(random.random((sentences, 12)) < 0.8, np.arange(12), random.integers(0, words, (sentences, 12)))
    return [[f"w{number}" for number in row] for row in (first + steps) % words]


@pytest.fixture(scope="module")
def corpus():
    return read_corpus(text())


def same_bits(one, other):
    return all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in ("vectors", "outputs")
    )  # outputs is a view of rows with room behind


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"shuffle": False, "held_out": 0.05},
        {"subwords": True, "bucket": 1000},
    ],
    ids=str,
)
def test_one_worker_trains_as_one_machine_does(corpus, options):
    config = TrainingConfig(**SMALL, **options)
    here, report = train_here(corpus, config)
    there, report_there = train(corpus, config, round_words=ROUND)
    assert same_bits(here, there)
    assert report_there.held_out_losses == report.held_out_losses
    assert (report_there.pairs, report_there.trained_tokens) == (report.pairs, report.trained_tokens)
    # the same losses, added block by block here and round by round there: n sums of numbers of one sign, each rounded once
    assert report_there.loss == pytest.approx(report.loss, rel=2 * len(corpus.ids) / 10_000 * 2**-52, abs=0)


@pytest.mark.parametrize(
    "options",
    [
        {},
        pytest.param({"architecture": "cbow"}, marks=pytest.mark.slow),
        pytest.param({"loss": "hierarchical-softmax"}, marks=pytest.mark.slow),
        {"subwords": True},
    ],
    ids=str,
)
def test_three_workers_learn_more_than_one_of_them(corpus, options):
    """More from the whole text than one machine from a third of it, and the same bits again."""
    training, held_out = hold_out(corpus, 0.05)
    config = TrainingConfig(**SMALL, bucket=1000, **options)
    _, of_a_third = train_here(deal(training, 3)[0], config, held_out=held_out)
    embeddings, report = train(training, config, held_out=held_out, workers=3, round_words=10_000)
    assert report.held_out_losses[-1] < of_a_third.held_out_losses[-1]
    again, _ = train(training, config, workers=3, round_words=10_000)
    assert same_bits(embeddings, again)


def test_a_share_that_is_held_out_is_that_of_one_machine(corpus):
    config = TrainingConfig(**SMALL, held_out=0.1)
    with cluster_run(corpus, config, workers=2) as run:
        expected = hold_out(corpus, 0.1)
        assert run.held_out.ids.tolist() == expected[1].ids.tolist()
        assert run.training.blocks.tokens == len(expected[0].ids)


def test_a_round_leaves_the_rows_and_can_be_done_again(corpus):
    config = TrainingConfig(**SMALL)
    replica = Replica(corpus.vocabulary, config, rounds(config, [len(corpus.ids)] * 2, ROUND), 2)
    for worker, share in enumerate(deal(corpus, 2)):
        replica.add_share(worker, share)
    before = replica.matrices()
    first = replica.train(1, 0)
    other = replica.train(0, 0)
    again = replica.train(1, 0)
    assert all(np.array_equal(before[name], matrix) for name, matrix in replica.matrices().items())
    for one, two in zip(first.parts, again.parts, strict=True):
        assert all(one[name].values.tobytes() == two[name].values.tobytes() for name in one)
    assert (first.pairs, first.loss) == (again.pairs, again.loss) != (other.pairs, other.loss)


def owned(rows, owner, owners):
    chosen = rows.numbers % owners == owner
    return Rows(rows.numbers[chosen], rows.values[chosen])


def merging_for(size=6, words=8, round_tokens=1_000, **options):
    counts = np.arange(words, 0, -1) ** 2
    vocabulary = read_corpus([[f"w{word}"] * int(counts[word]) for word in range(words)]).vocabulary
    config = TrainingConfig(vector_size=size, sample=0, **options)
    return Merging(config, vocabulary.counts, round_tokens, Parameters(vocabulary, config))


@given(seed=st.integers(0, 2**32 - 1), workers=st.sampled_from([2, 3, 5, 16, 32]), words=st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_merged_rows_are_those_of_the_formula(seed, workers, words):
    """r + (I + A) (I + m A)^-1 Σ d, row by row in float64. The kernel rounds sums of m rows, and moves along 6 directions."""
    random = np.random.default_rng(seed)
    size, rate = 6, 10 ** random.uniform(-4, 1)
    merge = merging_for(size, words)
    before = random.standard_normal((words, size)).astype(np.float32)
    basis = np.linalg.qr(random.standard_normal((size, size)))[0]
    moments = np.sort(10 ** random.uniform(-3, 2, size))[::-1]
    steepest = Curvature(basis.astype(np.float32), np.append(moments, 0).astype(np.float32))
    changes = []
    for _ in range(workers):
        numbers = np.flatnonzero(random.random(words) < 0.6).astype(np.int32)
        moved = before[numbers] + random.standard_normal((len(numbers), size)).astype(np.float32)
        changes.append(Rows(numbers, moved))
    expected = before.astype(np.float64)
    for row in range(words):
        moves = [change.values[change.numbers == row][0] - expected[row] for change in changes if row in change.numbers]
        a = rate * 0.1 * max(workers / 8, 1) ** 0.5 * merge.pairs["inputs"][row] * (basis.T * moments) @ basis
        if len(moves) > 1 and len(moves) * np.linalg.eigvalsh(a)[-1] <= 1e-3:
            a *= 0  # added as they are
        step = (np.eye(size) + a) @ np.linalg.inv(np.eye(size) + len(moves) * a)
        expected[row] += step @ np.sum(moves, axis=0) if moves else 0
    for owner in range(workers):
        merged = merge.merge("inputs", rate, steepest, before, owner, [owned(rows, owner, workers) for rows in changes])
        mine = [row for row in range(words) if row % workers == owner and any(row in rows.numbers for rows in changes)]
        assert merged.numbers.tolist() == mine
        greatest = max([np.abs(rows.values).max(initial=0) for rows in changes])
        bound = (2 * workers + 8 * size) * 2**-23 * size * workers * (1 + greatest)
        assert np.allclose(merged.values, expected[mine], rtol=0, atol=bound)


def test_workers_on_a_quadratic_do_together_what_one_does_in_turn():
    """Each takes an implicit step of rate times n h C from r towards x*; merged, that is one step of m times the rate."""
    random = np.random.default_rng(5)
    size, workers, rate = 6, 4, 0.05
    merge = merging_for(size, 4)
    basis = np.linalg.qr(random.standard_normal((size, size)))[0].T
    moments = np.array([50.0, 5, 1, 0.5, 0.01, 0.001])
    steepest = Curvature(basis.astype(np.float32), np.append(moments, 0).astype(np.float32))
    before = random.standard_normal((4, size)).astype(np.float32)
    best = random.standard_normal(size)
    moved, together = np.empty_like(before), np.empty(before.shape)
    for row in range(4):
        a = rate * merging.CURVATURE * merge.pairs["inputs"][row] * (basis.T * moments) @ basis
        moved[row] = np.linalg.solve(np.eye(size) + a, before[row] + a @ best)
        together[row] = np.linalg.solve(np.eye(size) + workers * a, before[row] + workers * a @ best)
    changes = [Rows(np.arange(4, dtype=np.int32), moved)] * workers
    found = np.empty_like(before)
    for owner in range(workers):
        part = merge.merge("inputs", rate, steepest, before, owner, [owned(rows, owner, workers) for rows in changes])
        found[part.numbers] = part.values
    assert np.abs(found - together).max() <= 300 * 2**-23  # 4 sums and 6 directions of numbers below 6


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_the_curvature_keeps_the_trace_and_the_greatest_direction(seed, size):
    random = np.random.default_rng(seed)
    basis = np.linalg.qr(random.standard_normal((size, size)))[0]
    moments = 10.0 ** (1 - np.arange(size))
    found = curvature((basis * moments) @ basis.T)
    directions, known = len(found.directions), found.moments.astype(np.float64)
    assert directions == min(size, merging.DIRECTIONS)
    trace = known[:-1].sum() + known[-1] * (size - directions)
    assert trace == pytest.approx(moments.sum(), rel=2**-20)
    # orthogonal iteration: the error of the first direction falls by the ratio of the first two eigenvalues, 1/10, each time
    assert abs(abs(found.directions[0] @ basis[:, 0]) - 1) < 1e-6
    assert np.abs(found.directions @ found.directions.T - np.eye(directions)).max() < 1e-6


@pytest.mark.parametrize(
    ("options", "met", "outputs"),
    [
        ({"negative": 2}, 3, lambda tokens, noise: 3 * (tokens + 2 * tokens.sum() * noise)),
        ({"loss": "sampled-softmax", "negative": 2}, 3, lambda tokens, noise: 3 * (tokens + 2 * tokens.sum() * noise)),
        ({"architecture": "cbow", "negative": 1}, 2, lambda tokens, noise: tokens + tokens.sum() * noise),
        ({"loss": "full-softmax"}, 1, lambda tokens, noise: 6 * tokens),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_how_many_pairs_a_row_has(options, met, outputs):
    """With a window of two a center has three contexts on average, and a word is in as many windows."""
    merge = merging_for(words=4, round_tokens=30_000, window=2, **options)
    tokens = 1_000.0 * np.array([16, 9, 4, 1])
    noise = np.array([8, 27**0.5, 8**0.5, 1]) / (9 + 27**0.5 + 8**0.5)
    assert merge.pairs["inputs"] == pytest.approx(3 * met * tokens)
    assert merge.pairs["outputs"] == pytest.approx(outputs(tokens, noise))


def test_how_many_pairs_the_nodes_of_a_tree_have():
    """The root is passed by all words, and of 16, 9, 4 and 1 the tree first joins 1 and 4, then 9, then 16."""
    merge = merging_for(words=4, round_tokens=30_000, window=2, loss="hierarchical-softmax")
    assert merge.pairs["outputs"] == pytest.approx([3 * 5_000, 3 * 14_000, 3 * 30_000, 0])
    assert merge.pairs["inputs"] == pytest.approx(3 * 49 / 30 * 1_000 * np.array([16, 9, 4, 1]))


def test_rows_that_are_not_finite_are_told():
    corpus = read_corpus(text(500))
    with pytest.raises(DivergenceError, match=r"not finite after training with alpha 1e\+30; lower it"):
        train(corpus, TrainingConfig(**SMALL, alpha=1e30), workers=2, round_words=ROUND)


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_changes_are_found_by_their_bits_and_taken_back(data):
    rows, size = data.draw(st.integers(1, 30)), data.draw(st.integers(1, 5))
    before = np.random.default_rng(1).standard_normal((rows, size)).astype(np.float32)
    changed = data.draw(st.lists(st.integers(0, rows - 1), unique=True))
    after = before.copy()
    places = data.draw(st.lists(st.integers(0, size - 1), min_size=len(changed), max_size=len(changed)))
    after[changed, places] = np.nextafter(after[changed, places], np.float32(np.inf))
    expected = after[sorted(changed)].copy()
    owners = data.draw(st.integers(1, 4))
    found = take_changes(before, after, owners)
    assert np.array_equal(after, before)
    for owner, part in enumerate(found):
        mine = [row % owners == owner for row in sorted(changed)]
        assert part.numbers.tolist() == [row for row in sorted(changed) if row % owners == owner]
        assert np.array_equal(part.values, expected[mine])


@given(
    lengths=st.lists(st.integers(1, 3_000), min_size=1, max_size=40), workers=st.integers(1, 5), seed=st.integers(0, 99)
)
@settings(max_examples=50, deadline=None)
def test_every_word_is_dealt_once(lengths, workers, seed):
    random = np.random.default_rng(seed)
    corpus = read_corpus([[f"w{word}" for word in random.integers(0, 7, length)] for length in lengths])
    try:
        shares = deal(corpus, workers)
    except CorpusError as error:
        assert "too few for" in str(error) and sum(lengths) < 2_000 * workers
        return
    assert np.array_equal(
        np.bincount(np.concatenate([share.ids for share in shares]), minlength=7), np.bincount(corpus.ids, minlength=7)
    )
    assert sum(share.read_tokens for share in shares) == pytest.approx(corpus.read_tokens, abs=workers)
    sizes = [len(share.ids) for share in shares]
    assert max(sizes) - min(sizes) <= 5_000  # pieces of a thousand, and of three sentences at most beside them
    if workers == 1:
        assert shares[0] is corpus


@given(epochs=st.integers(1, 4), of_an_epoch=st.integers(1, 9), blocks=st.integers(0, 30))
def test_every_block_is_in_one_round(epochs, of_an_epoch, blocks):
    plan = Rounds(TrainingConfig(epochs=epochs), 1_000, of_an_epoch)
    numbers = [block for number in range(len(plan)) for block in plan.blocks_of(number, blocks)]
    assert numbers == list(range(epochs * blocks))
    assert plan.tokens_before(len(plan)) == plan.tokens_total == 1_000 * epochs
    rates = [plan.block(number).learning_rate for number in range(len(plan))]
    assert rates == sorted(rates, reverse=True)


def test_workers_draw_from_seeds_of_their_own():
    seeds = {worker_config(TrainingConfig(seed=seed), worker).seed for seed in range(20) for worker in range(20)}
    assert len(seeds) == 400


def test_a_run_is_taken_up_again_with_the_same_bits(corpus, tmp_path):
    config = TrainingConfig(**SMALL, held_out=0.05)
    whole, report = train(corpus, config, workers=2, round_words=10_000)

    def stop(progress):
        if progress.tokens_done > 0.6 * progress.tokens_total:
            raise KeyboardInterrupt

    kept = {"workers": 2, "round_words": 10_000}
    with pytest.raises(KeyboardInterrupt):
        train(corpus, config, stop, **kept, checkpoints=Checkpoints(tmp_path, 0.0))
    with pytest.raises(CheckpointError, match="is of another run: its text is another one"):
        train(corpus, config, workers=3, round_words=10_000, checkpoints=Checkpoints(tmp_path, resume=True))
    taken_up, again = train(corpus, config, **kept, checkpoints=Checkpoints(tmp_path, resume=True))
    assert same_bits(taken_up, whole)
    assert again.held_out_losses == report.held_out_losses and again.epoch_losses == report.epoch_losses


def test_rows_that_are_written_between_rounds_are_trained_on(corpus):
    config = TrainingConfig(**SMALL)
    with cluster_run(corpus, config, workers=2, round_words=ROUND) as run:
        run.advance(to=1)
        run.matrices["inputs"][:] = 0
        run.matrices["outputs"][:] = 0
        run.advance(to=2)  # where both sides are zero, so are all gradients
        assert not run.matrices["inputs"].any() and run.results["pairs"][1] > 0


def test_progress_is_told_and_ends_at_the_end(corpus):
    seen = []
    config = TrainingConfig(**SMALL)
    with cluster_run(corpus, config, workers=2, round_words=ROUND) as run:
        _, report = train_run(run, seen.append, None, ())
    assert [one.tokens_done for one in seen] == sorted(one.tokens_done for one in seen)
    assert seen[-1].tokens_done == seen[-1].tokens_total == 2 * len(corpus.ids) == 2 * report.trained_tokens
    assert report.loss < seen[-1].loss < report.epoch_losses[0]  # the mean of all four rounds, which are of two epochs


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": 0}, "workers is 0; it must be a whole number of at least 1"),
        ({"round_words": 2.5}, "round_words is 2.5; it must be a whole number of at least 1"),
        ({"address": "nowhere"}, "the address of a Ray cluster is 'nowhere'; write HOST:PORT, or 'auto', or 'local'"),
    ],
)
def test_options_out_of_their_range(corpus, options, message):
    with pytest.raises(ConfigError, match=message):
        train(corpus, TrainingConfig(**SMALL), **options)


def test_what_cannot_be_asked_for_together(corpus):
    with pytest.raises(ConfigError, match="deterministic is for the threads of one machine; leave it out"):
        train(corpus, TrainingConfig(deterministic=True), workers=2)
    with pytest.raises(ConfigError, match=r"give either a held-out corpus or the share held_out 0\.1"):
        train(corpus, TrainingConfig(**SMALL, held_out=0.1), held_out=corpus)
    with pytest.raises(CorpusError, match="another vocabulary"):
        train(corpus, TrainingConfig(**SMALL), held_out=read_corpus([["x", "y"]]))
    with pytest.raises(CorpusError, match="the corpus has 4 words, too few for 2 workers"):
        train([["a", "b"], ["a", "c"]], TrainingConfig(**SMALL), workers=2)
