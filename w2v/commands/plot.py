"""`w2v plot`: pictures of losses and of similarities, as .svg, .png or .pdf."""

import argparse
from collections.abc import Callable
from typing import Any

from w2v.commands.parsing import Parser, add_command, add_top, add_vectors


def add_to(commands: Any) -> None:
    """Make the command known."""
    text = "draw losses of training runs, or similarities of words"
    plot = commands.add_parser("plot", help=text, description=text[0].upper() + text[1:] + ".")
    pictures = plot.add_subparsers(title="pictures", metavar="PICTURE", required=True, parser_class=Parser)

    loss = _add_picture(pictures, "loss", _loss, "draw the losses of training runs over their epochs")
    loss.add_argument("reports", metavar="REPORT", nargs="+", help="what w2v train --report wrote")

    similarity = _add_picture(pictures, "similarity", _similarity, "draw the cosines of all pairs of words")
    add_vectors(similarity)
    similarity.add_argument("words", metavar="WORD", nargs="+")

    neighbors = _add_picture(pictures, "neighbors", _neighbors, "draw words and their nearest words in the plane")
    add_vectors(neighbors)
    neighbors.add_argument("words", metavar="WORD", nargs="+")
    add_top(neighbors)


def _add_picture(
    pictures: Any, name: str, run: Callable[[argparse.Namespace], None], text: str
) -> argparse.ArgumentParser:
    parser = add_command(pictures, name, run, text)
    parser.add_argument("--output", required=True, metavar="FILE", help="the picture: .svg, .png or .pdf")
    return parser


def _loss(options: argparse.Namespace) -> None:
    from w2v.pictures.loss import plot_loss, read_loss_record  # not for --help: loads NumPy

    picture = plot_loss(*map(read_loss_record, options.reports), file=options.output)
    print(f"{picture.title}; wrote {options.output}")


def _similarity(options: argparse.Namespace) -> None:
    from w2v.formats import read_vectors  # not for --help: loads NumPy
    from w2v.pictures.similarity import plot_similarity

    picture = plot_similarity(read_vectors(options.vectors), options.words, options.output)
    print(f"{picture.title}; wrote {options.output}")


def _neighbors(options: argparse.Namespace) -> None:
    from w2v.formats import read_vectors  # not for --help: loads NumPy
    from w2v.pictures.similarity import plot_neighbors

    picture = plot_neighbors(read_vectors(options.vectors), options.words, options.top, options.output)
    print(f"{picture.title}; wrote {options.output}")
