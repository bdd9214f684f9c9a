"""Train the same text with w2v and with gensim, in turn, each run a process of its own.

    python benchmarks/w2v.py [CORPUS] [--vector-size 100] [--epochs 1] [--threads 1] [--rounds 3] ...

Without a CORPUS it is the docstrings of the installed Python packages. Checked first: both packages answer the same
questions to the same vectors alike, and their own vectors agree about which words are similar. Then timed: words/s in
training are the text's words times the epochs by the seconds of training alone; wall seconds are the whole process, from
the text to the vectors on disk.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from recording import RESULTS, write_result

del sys.path[0]  # this script's folder, in which `w2v` would be the script itself

import numpy as np  # noqa: E402

from w2v import PythonDocs, read_vectors  # noqa: E402
from w2v.correlation import spearman  # noqa: E402

GENSIM = """
import json, sys, time
from gensim.models import Word2Vec
corpus, output, report, options = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
epochs, threads = options.pop("epochs"), options.pop("threads")
model = Word2Vec(sg=1, workers=threads, alpha=0.025, min_alpha=0.0001, **options)
model.build_vocab(corpus_file=corpus)
started = time.perf_counter()
model.train(corpus_file=corpus, total_examples=model.corpus_count, total_words=model.corpus_total_words, epochs=epochs)
training_s = time.perf_counter() - started
model.wv.save_word2vec_format(output, binary=True)
json.dump({"training_s": training_s}, open(report, "w"))
"""
LEAST_AGREEMENT = 0.5


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "corpus", nargs="?", help="text file, a sentence a line (default: the installed packages' docstrings)"
    )
    for name, default in (
        ("vector-size", 100),
        ("window", 5),
        ("negative", 5),
        ("min-count", 5),
        ("epochs", 1),
        ("seed", 1),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--sample", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=RESULTS / "w2v.json")
    return parser.parse_args()


def train(name, corpus, folder, options):
    """One run: its seconds of training and of wall time, and the path of its vectors."""
    output, report = folder / f"{name}.bin", folder / f"{name}.json"
    if name == "w2v":
        pairs = [f"--{key.replace('_', '-')}={value}" for key, value in options.items()]
        command = ["-m", "w2v.cli", "train", corpus, "--output", output, "--report", report, "--quiet", *pairs]
    else:
        command = ["-c", GENSIM, corpus, output, report, json.dumps(options)]
    started = time.perf_counter()
    subprocess.run([sys.executable, *map(str, command)], check=True)
    wall_s = time.perf_counter() - started
    return json.loads(report.read_text())["training_s"], wall_s, output


def check_queries(path):
    """Both packages find the same neighbors in the same file."""
    from gensim.models import KeyedVectors

    ours, theirs = read_vectors(path), KeyedVectors.load_word2vec_format(path, binary=True)
    assert ours.index_to_key == theirs.index_to_key and ours.vectors.tobytes() == theirs.vectors.tobytes()
    for word in ours.vocabulary.words[:200:10]:
        found, expected = ours.most_similar(word), theirs.most_similar(word)
        assert np.allclose([value for _, value in found], [value for _, value in expected], atol=1e-5), word


def agreement(first, second):
    """The rank correlation, over pairs of frequent words, of what two files of vectors say about their similarity."""
    embeddings = [read_vectors(path) for path in (first, second)]
    words = [word for word in embeddings[0].vocabulary.words[100:1100] if word in embeddings[1]]
    cosines = []
    for each in embeddings:
        units = each.unit_vectors(each.vocabulary.indices(words))
        cosines.append((units @ units.T)[np.triu_indices(len(words), 1)])
    return spearman(*cosines)


def main():
    asked = arguments()
    try:
        version("gensim")
    except ImportError:
        sys.exit("benchmarks/w2v.py compares with gensim: pip install '.[bench]'")
    options = {
        name: getattr(asked, name)
        for name in ("vector_size", "window", "negative", "sample", "min_count", "epochs", "seed", "threads")
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = Path(asked.corpus) if asked.corpus else folder / "docstrings.txt"
        if not asked.corpus:
            corpus.write_text("".join(" ".join(sentence) + "\n" for sentence in PythonDocs()), encoding="utf-8")
        tokens = sum(len(line.split()) for line in corpus.open("rb"))

        print(f"{tokens:,} words; checking that the answers agree")
        outputs = {name: train(name, corpus, folder, options)[2] for name in ("w2v", "gensim")}  # warms caches too
        for output in outputs.values():
            check_queries(output)
        agreed = agreement(*outputs.values())
        print(f"rank correlation of the similarities that w2v and gensim learned: {agreed:.3f}")
        if agreed < LEAST_AGREEMENT:
            sys.exit(f"that is below {LEAST_AGREEMENT}: nothing is timed")

        runs = {name: [] for name in outputs}
        for _ in range(asked.rounds):
            for name in runs:
                runs[name].append(train(name, corpus, folder, options)[:2])

    figures = {
        "corpus": asked.corpus or "docstrings",
        "tokens": tokens,
        "options": options,
        "agreement": round(agreed, 4),
    }
    contenders = {}
    for name, seconds in runs.items():
        training, wall = zip(*seconds, strict=True)
        ratios = [
            statistics.median(theirs[i] / ours[i] for ours, theirs in zip(runs["w2v"], seconds, strict=True))
            for i in (0, 1)
        ]
        row = contenders[name] = {
            "words_per_s": round(tokens * asked.epochs / statistics.median(training)),
            "wall_s": round(statistics.median(wall), 2),
            "w2v_faster_in_training": round(ratios[0], 2),
            "w2v_faster_end_to_end": round(ratios[1], 2),
        }
        print(
            f"{name:8} {row['words_per_s']:>10,} words/s   wall {row['wall_s']:>7} s   "
            f"w2v is {ratios[0]:.2f} times as fast in training, {ratios[1]:.2f} end to end"
        )
    write_result(asked.output, ("numba", "numpy", "gensim"), {**figures, "contenders": contenders})


if __name__ == "__main__":
    main()
