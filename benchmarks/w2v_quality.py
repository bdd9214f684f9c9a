"""How good the vectors of w2v and of its peers are: losses on fixed pairs of trained and of held-out text, and scores.

    python benchmarks/w2v_quality.py wiki.txt --eval FOLDER --seeds 1 2 3 --contenders w2v gensim word2vec.c=./word2vec

Every 50th line is held out; all contenders train on the others, with one thread and the same options. Each result is appended to
`--results` when it is known, and is not computed again: an interrupted command goes on when it is repeated. `--table` prints
the means and standard deviations over the seeds of what has been recorded.

The loss. Of the tokens of a text in the vocabulary each is kept with its keep probability (Mikolov et al. 2013, in the form of
word2vec.c); 100,000 of the kept ones are centers, each with a window of its own, uniformly 1 to `window`; each center w and
each context c in its window are a pair, and to each pair belong `negative` negatives n of its own, drawn independently with
probability proportional to count**0.75 and again when they equal w. The loss is the mean over the pairs, in float64, of

    -log σ(x_c·y_w) - Σ_n log σ(-x_c·y_n)

with input rows x and output rows y. Centers, windows and negatives are drawn once and are the same for every contender, so
differences of losses are far more certain than the losses themselves.

w2v trains the sentences in a random order, its peers in that of the text; the contender w2v-text-order is w2v with
shuffle=False. With `--shuffled-lines` the lines that are trained on are brought into one random order first, and the contenders
are recorded as NAME-shuffled.

A contender NAME=PATH is a program with word2vec.c's options that takes its seed from the environment variable SEED and writes,
beside the vectors FILE, its output rows to FILE.outputs: float32, in the order of the words of FILE.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from recording import RESULTS

del sys.path[0]  # this script's folder, in which `w2v` would be the script itself

import numpy as np  # noqa: E402

from w2v import Embeddings, TrainingConfig, read_corpus, read_vectors  # noqa: E402
from w2v import train as w2v_train  # noqa: E402
from w2v.evaluation import evaluate_analogies, evaluate_similarity  # noqa: E402
from w2v.sampling import keep_probabilities, noise_probabilities  # noqa: E402

HELD_OUT_EVERY = 50
CENTERS = 100_000
CHUNK = 4096
SIMILARITY = {
    "WordSim-353": "wordsim353.tsv",
    "SimLex-999": "simlex999.txt",
    "MTurk-771": "EN-MTurk-771.txt",
    "RG-65": "EN-RG-65.txt",
}
ANALOGIES = "questions-words.txt"
MEASURES = ("training loss", "held-out loss", *SIMILARITY, "analogies")


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Fixed pairs of a text: `contexts` int [pairs], and `outputs` int [pairs, 1 + negative], each center and its negatives."""

    contexts: np.ndarray
    outputs: np.ndarray


def fixed_pairs(ids, ends, counts, options, seed):
    """Draw the pairs of a text of word numbers `ids` whose sentences end at `ends`; see the top of this file."""
    random = np.random.default_rng(seed)
    kept = np.flatnonzero(random.random(len(ids)) < keep_probabilities(counts, options["sample"])[ids])
    words = ids[kept]
    sentences = np.searchsorted(ends, kept, side="right")
    places = random.choice(len(words), min(CENTERS, len(words)), replace=False)
    reach = random.integers(1, options["window"] + 1, len(places))
    centers, contexts = [], []
    for offset in (*range(-options["window"], 0), *range(1, options["window"] + 1)):
        other = places + offset
        inside = (abs(offset) <= reach) & (other >= 0) & (other < len(words))
        here, other = places[inside], other[inside]
        same = sentences[here] == sentences[other]
        centers.append(words[here[same]])
        contexts.append(words[other[same]])
    centers, contexts = np.concatenate(centers), np.concatenate(contexts)
    noise = noise_probabilities(counts, 0.75)
    negatives = random.choice(len(counts), (len(centers), options["negative"]), p=noise)
    while (hit := negatives == centers[:, np.newaxis]).any():
        negatives[hit] = random.choice(len(counts), hit.sum(), p=noise)
    return Pairs(contexts, np.column_stack([centers, negatives]))


def mean_loss(inputs, outputs, pairs):
    """The mean loss a pair, in float64."""
    total = 0.0
    signs = np.ones(pairs.outputs.shape[1])
    signs[0] = -1
    for start in range(0, len(pairs.contexts), CHUNK):
        x = inputs[pairs.contexts[start : start + CHUNK]].astype(np.float64)
        y = outputs[pairs.outputs[start : start + CHUNK]].astype(np.float64)
        total += np.logaddexp(0, signs * np.einsum("pd,pkd->pk", x, y)).sum()
    return total / len(pairs.contexts)


def split(corpus, folder):
    """Write the lines that are trained on and those held out to files of the folder; returns their paths."""
    paths = folder / "train.txt", folder / "held_out.txt"
    if not paths[1].exists():
        folder.mkdir(parents=True, exist_ok=True)
        with Path(corpus).open("rb") as lines, paths[0].open("wb") as train, paths[1].open("wb") as held_out:
            for number, line in enumerate(lines, 1):
                (train if number % HELD_OUT_EVERY else held_out).write(line)
    return paths


def shuffled(path):
    """The path of a copy of a text whose lines are in a random order."""
    copy = path.with_name(f"shuffled-{path.name}")
    if not copy.exists():
        lines = path.read_bytes().splitlines(keepends=True)
        order = np.random.default_rng(3).permutation(len(lines))
        copy.write_bytes(b"".join(lines[i] for i in order))
    return copy


def encode(path, vocabulary):
    """The word numbers of a text's words that are in a vocabulary, and where its sentences end."""
    number = {word: i for i, word in enumerate(vocabulary.words)}
    sentences = [[number[word] for word in line.split() if word in number] for line in path.open(encoding="utf-8")]
    return np.concatenate([np.array(s, np.int64) for s in sentences]), np.cumsum([len(s) for s in sentences])


def train(contender, corpus_file, options):
    """The words of a contender that has been trained on the corpus, its input rows and its output rows."""
    name, _, path = contender.partition("=")
    if path:
        return train_program(path, corpus_file, options)
    if name == "gensim":
        return train_gensim(corpus_file, options)
    options = {**options, "shuffle": name == "w2v"}
    embeddings, _ = w2v_train(read_corpus(corpus_file, options["min_count"]), TrainingConfig(**options))
    return embeddings.vocabulary.words, embeddings.vectors, embeddings.outputs


def train_gensim(corpus_file, options):
    """With one worker: with more, gensim's learning rate does not fall as it should when it reads a file."""
    from gensim.models import Word2Vec

    model = Word2Vec(corpus_file=str(corpus_file), sg=1, hs=0, workers=1, alpha=0.025, min_alpha=0.0001, **options)
    return model.wv.index_to_key, model.wv.vectors, model.syn1neg


def train_program(path, corpus_file, options):
    output = corpus_file.with_name("program.bin")
    command = [path, "-train", corpus_file, "-output", output, "-binary", 1, "-threads", 1]
    command += ["-cbow", 0, "-hs", 0, "-alpha", 0.025, "-size", options["vector_size"], "-iter", options["epochs"]]
    for name in ("window", "sample", "negative", "min_count"):
        command += [f"-{name.replace('_', '-')}", options[name]]
    environment = {**os.environ, "SEED": str(options["seed"]), "OPENBLAS_NUM_THREADS": "1"}
    subprocess.run([*map(str, command)], check=True, stdout=subprocess.DEVNULL, env=environment)
    embeddings = read_vectors(output)
    outputs = np.fromfile(f"{output}.outputs", np.float32).reshape(embeddings.vectors.shape)
    return embeddings.vocabulary.words, embeddings.vectors, outputs


def aligned(words, matrices, vocabulary):
    """The rows of matrices in the order of a vocabulary, whatever the order of the words and whatever other words there are."""
    number = {word: i for i, word in enumerate(words)}
    rows = [number[word] for word in vocabulary.words]
    return [np.ascontiguousarray(matrix[rows]) for matrix in matrices]


def measure(inputs, outputs, vocabulary, samples, folder):
    """Every measure of one training run, by name."""
    embeddings = Embeddings(vocabulary, inputs)
    scores = {name: mean_loss(inputs, outputs, pairs) for name, pairs in samples.items()}
    for name, file in SIMILARITY.items():
        scores[name] = evaluate_similarity(embeddings, folder / file).spearman
    scores["analogies"] = evaluate_analogies(embeddings, folder / ANALOGIES, restrict_vocab=30_000).accuracy
    return {name: round(float(value), 6) for name, value in scores.items()}


def recorded(path):
    """The results of earlier runs."""
    return [json.loads(line) for line in path.open()] if path.exists() else []


def run_all(asked):
    """Train and measure what has not been yet, recording each result at once."""
    files = split(asked.corpus, asked.folder)
    corpus = read_corpus(files[0], asked.min_count)
    vocabulary = corpus.vocabulary
    shared = {name: getattr(asked, name) for name in ("window", "negative", "sample", "min_count")}
    samples = {
        "training loss": fixed_pairs(corpus.ids, corpus.ends, vocabulary.counts, shared, seed=1),
        "held-out loss": fixed_pairs(*encode(files[1], vocabulary), vocabulary.counts, shared, seed=2),
    }
    file = shuffled(files[0]) if asked.shuffled_lines else files[0]
    suffix = "-shuffled" if asked.shuffled_lines else ""
    for vector_size, epochs, seed in itertools.product(asked.vector_size, asked.epochs, asked.seeds):
        options = {**shared, "vector_size": vector_size, "epochs": epochs, "seed": seed}
        for contender in asked.contenders:
            key = {"contender": contender.partition("=")[0] + suffix, **options}
            if any(key.items() <= result.items() for result in recorded(asked.results)):
                continue
            words, *matrices = train(contender, file, options)
            scores = measure(*aligned(words, matrices, vocabulary), vocabulary, samples, asked.eval)
            record(asked.results, {**key, **scores})


def record(path, result):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps(result) + "\n")
    print(*(f"{name}={value}" for name, value in result.items()), flush=True)


def table(results):
    """Markdown: for each setting the means over the seeds, and the standard deviations."""
    settings = {}
    for result in results:
        rows = settings.setdefault((result["epochs"], result["vector_size"]), {})
        rows.setdefault(result["contender"], []).append(result)
    for (epochs, vector_size), contenders in sorted(settings.items()):
        print(f"\n{epochs} epoch{'s' * (epochs > 1)}, d = {vector_size}\n")
        print(f"| | seeds | {' | '.join(MEASURES)} |\n|{'---|' * (len(MEASURES) + 2)}")
        for name, rows in contenders.items():
            cells = [spread([row[measure] for row in rows], 4 if "loss" in measure else 3) for measure in MEASURES]
            print(f"| {name} | {len(rows)} | {' | '.join(cells)} |")


def spread(values, digits):
    """The mean, and with several values their standard deviation."""
    mean = f"{statistics.mean(values):.{digits}f}"
    return mean if len(values) == 1 else f"{mean} ± {statistics.stdev(values):.{digits}f}"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", help="text file, a sentence a line")
    parser.add_argument("--eval", type=Path, help=f"folder with {', '.join(SIMILARITY.values())} and {ANALOGIES}")
    parser.add_argument(
        "--contenders",
        nargs="+",
        default=["w2v", "gensim"],
        metavar="NAME[=PATH]",
        help="w2v, w2v-text-order, gensim, or a program: NAME=PATH",
    )
    parser.add_argument("--folder", type=Path, default=Path("quality"), help="where the split text is written")
    parser.add_argument("--results", type=Path, default=RESULTS / "w2v_quality.jsonl")
    for name, default in (("seeds", [1, 2, 3]), ("epochs", [1]), ("vector-size", [100])):
        parser.add_argument(f"--{name}", type=int, nargs="+", default=default)
    for name, default in (("window", 5), ("negative", 5), ("min-count", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--sample", type=float, default=1e-3)
    parser.add_argument("--shuffled-lines", action="store_true", help="train on the lines in a random order")
    parser.add_argument("--table", action="store_true", help="print what has been recorded, and train nothing")
    asked = parser.parse_args()
    if not asked.table and not (asked.corpus and asked.eval):
        parser.error("give a corpus and --eval, or --table")
    return asked


def main():
    asked = arguments()
    if asked.table:
        table(recorded(asked.results))
    else:
        run_all(asked)


if __name__ == "__main__":
    main()
