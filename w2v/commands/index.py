"""`w2v index`: an approximate index of vectors, for `w2v neighbors --index`."""

import argparse
import json
import time
from dataclasses import asdict
from typing import Any

from w2v.commands.parsing import add_command, add_vectors, count


def add_to(commands: Any) -> None:
    """Make the command known."""
    index = add_command(commands, "index", _index, "build an approximate index of the nearest neighbors (extra index)")
    add_vectors(index)
    index.add_argument("--output", metavar="INDEX", help="where to write it (default: FILE.usearch)")
    index.add_argument(
        "--recall",
        type=float,
        default=0.95,
        metavar="SHARE",
        help="of the 10 nearest words to find (default %(default)s)",
    )
    index.add_argument(
        "--connectivity",
        type=count,
        default=16,
        metavar="N",
        help="neighbors a word has in the graph (default %(default)s)",
    )
    index.add_argument(
        "--expansion-add",
        type=count,
        default=128,
        metavar="N",
        help="words looked at to put one in (default %(default)s)",
    )
    index.add_argument(
        "--threads", type=count, default=1, metavar="N", help="threads that build it (default %(default)s)"
    )
    index.add_argument("--json", action="store_true", help="print one JSON object")


def _index(options: argparse.Namespace) -> None:
    # Not for --help: these take time to load.
    from tqdm import tqdm

    from w2v.files import check_writable
    from w2v.formats import read_vectors

    output = options.output or options.vectors + ".usearch"
    check_writable(output)
    embeddings = read_vectors(options.vectors)
    started = time.perf_counter()
    with tqdm(total=len(embeddings), unit=" words", disable=None) as bar:  # None: on a terminal only
        index = embeddings.build_index(
            recall=options.recall,
            connectivity=options.connectivity,
            expansion_add=options.expansion_add,
            threads=options.threads,
            on_progress=lambda done, total: bar.update(done - bar.n),
        )
    built_s = time.perf_counter() - started
    index.save(output)
    report = index.report
    if options.json:
        print(json.dumps({**asdict(report), "built_s": built_s, "index": output}, indent=2))
        return
    print(
        f"{report.words:,} words, built in {built_s:.1f} s; finds {report.recall:.1%} of the 10 nearest words "
        f"(at least {report.recall_low:.1%}; {report.sample:,} words asked, expansion_search {report.expansion_search}); "
        f"wrote {output}"
    )
