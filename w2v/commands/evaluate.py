"""`w2v evaluate`: score vectors by what people say."""

import argparse
import json
from dataclasses import asdict
from typing import Any

from w2v.commands.parsing import add_command, add_vectors, count


def add_to(commands: Any) -> None:
    """Make the command known."""
    evaluate = add_command(
        commands, "evaluate", _evaluate, "score vectors by word pairs with similarities, and by analogy questions"
    )
    add_vectors(evaluate)
    evaluate.add_argument("questions", metavar="EVALFILE", nargs="+")
    evaluate.add_argument(
        "--restrict-vocab",
        type=count,
        default=300_000,
        metavar="N",
        help="use the first N words (default %(default)s)",
    )
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")


def _evaluate(options: argparse.Namespace) -> None:
    from w2v.evaluation import (  # not for --help: loads NumPy
        AnalogyScore,
        evaluate_analogies,
        evaluate_similarity,
        is_analogy_file,
    )
    from w2v.formats import read_vectors

    embeddings = read_vectors(options.vectors)
    scores: dict[str, Any] = {}
    for path in options.questions:
        evaluate = evaluate_analogies if is_analogy_file(path) else evaluate_similarity
        scores[path] = evaluate(embeddings, path, options.restrict_vocab)
    if options.json:
        print(json.dumps({path: asdict(score) for path, score in scores.items()}, indent=2))
        return
    for path, score in scores.items():
        if isinstance(score, AnalogyScore):
            print(
                f"{score.accuracy:7.4f}  {path}: analogies, right of {score.used} ({score.questions - score.used} left out)"
            )
            for name, right, used in score.sections:
                print(f"         {right / max(used, 1):7.4f}  {name} ({used})")
        else:
            left_out = score.pairs - score.used
            print(f"{score.spearman:7.4f}  {path}: rank correlation over {score.used} pairs ({left_out} left out)")
