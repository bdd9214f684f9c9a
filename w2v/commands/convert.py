"""`w2v convert`: vectors from one format to another."""

import argparse
from typing import Any

from w2v.commands.parsing import add_command, add_vectors, check_vectors_output, count


def add_to(commands: Any) -> None:
    """Make the command known."""
    convert = add_command(commands, "convert", _convert, "write vectors in another format, or some of them")
    add_vectors(convert)
    convert.add_argument("output", metavar="OUT", help="the file to write, in the format that its name ends in")
    convert.add_argument("--limit", type=count, metavar="N", help="the first N words alone")
    convert.add_argument("--words", metavar="WORDFILE", help="the words of this file alone, a word a line")
    convert.add_argument(
        "--counts",
        metavar="COUNTFILE",
        help="take the words' counts from this file, as word2vec's -save-vocab writes it",
    )
    convert.add_argument("--save-counts", metavar="COUNTFILE", help="write the words and their counts to this file")
    convert.add_argument(
        "--duplicates",
        choices=["error", "first"],
        default="error",
        help="of a word that comes twice (default %(default)s)",
    )
    convert.add_argument(
        "--vectors-only", action="store_true", help="leave out output rows, n-grams and the options of training"
    )
    convert.add_argument("--quiet", action="store_true", help="print nothing but errors")


def _convert(options: argparse.Namespace) -> None:
    check_vectors_output(options.output)
    from dataclasses import replace  # not for --help: what follows loads NumPy

    from w2v.files import check_writable
    from w2v.formats import read_config, read_vectors, write_vectors
    from w2v.storage.counts import read_words, write_counts

    for path in filter(None, (options.output, options.save_counts)):
        check_writable(path)
    words = None if options.words is None else read_words(options.words)
    embeddings = read_vectors(
        options.vectors, limit=options.limit, words=words, counts=options.counts, duplicates=options.duplicates
    )
    config = None if options.vectors_only else read_config(options.vectors)
    if options.vectors_only:
        embeddings = replace(embeddings, outputs=None, subwords=None)
    write_vectors(embeddings, options.output, config)
    if options.save_counts:
        write_counts(embeddings.vocabulary, options.save_counts)
    if not options.quiet:
        lost = "" if options.output.endswith((".npz", ".safetensors")) else _lost(embeddings, options.save_counts)
        print(f"wrote {len(embeddings):,} words of {embeddings.vector_size} numbers to {options.output}{lost}")


def _lost(embeddings: Any, counts_saved: str | None) -> str:
    """What word2vec's formats have no place for."""
    has = {
        "counts": embeddings.vocabulary.counts.any() and counts_saved is None,
        "output rows": embeddings.outputs is not None,
        "n-grams": embeddings.subwords is not None,
    }
    lost = [name for name, there in has.items() if there]
    return f"; left out: {', '.join(lost)} (.npz and .safetensors hold all)" if lost else ""
