"""`w2v project`: vectors as a page to look at, and as files for TensorBoard."""

import argparse
import os
import sys
from typing import Any

from w2v.commands.parsing import add_command, add_vectors, count
from w2v.errors import ConfigError


def add_to(commands: Any) -> None:
    """Make the command known."""
    parser = add_command(commands, "project", _project, "write an HTML page that shows vectors in the plane")
    add_vectors(parser)
    parser.add_argument("--output", metavar="FILE", help="the page: one .html file, for any browser, without a network")
    parser.add_argument(
        "--tensorboard", metavar="FOLDER", help="write files for TensorBoard's projector to this folder"
    )
    parser.add_argument(
        "--method",
        choices=["pca", "umap", "tsne", "pacmap"],
        default="pca",
        metavar="NAME",
        help="how words come into the plane: pca, umap, tsne or pacmap (default %(default)s; others need the extra project)",
    )
    parser.add_argument(
        "--words", type=count, default=20_000, metavar="N", help="the N most frequent words (default %(default)s)"
    )
    parser.add_argument(
        "--neighbors", type=count, default=10, metavar="K", help="nearest words of each word (default %(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="of the method and of the groups (default %(default)s)"
    )
    parser.add_argument("--title", help="what stands above the page (default: the name of the file of vectors)")


def _project(options: argparse.Namespace) -> None:
    if not options.output and not options.tensorboard:
        raise ConfigError("say where to: --output FILE for a page, --tensorboard FOLDER for TensorBoard's projector")
    if options.output and not options.output.endswith((".html", ".htm")):
        raise ConfigError(f"the output {options.output} must end in .html")

    from w2v.files import check_writable  # not for --help: loads NumPy

    if options.output:
        check_writable(options.output)
    embeddings = _read(options.vectors, options.words)
    if options.tensorboard:
        from w2v.page.tensorboard import write_projector_files  # only for this option

        written = write_projector_files(embeddings, options.tensorboard, words=options.words)
        print(f"{written:,} words; wrote {options.tensorboard}; look with: tensorboard --logdir {options.tensorboard}")
    if options.output:
        _write_page(options, embeddings)


def _read(path: str, words: int) -> Any:
    """Vectors of the most frequent words: without counts these are the first, and the rest of the file need not be read."""
    from w2v.formats import read_vectors  # not for --help: loads NumPy

    embeddings = read_vectors(path, limit=words)
    return read_vectors(path) if embeddings.vocabulary.counts.any() else embeddings


def _write_page(options: argparse.Namespace, embeddings: Any) -> None:
    from w2v.page.facts import summary  # load SciPy's trees: not for TensorBoard alone
    from w2v.page.html import write_page

    if options.method != "pca" and sys.stderr.isatty():
        print(f"placing words by {options.method}, which can take a minute ...", file=sys.stderr)
    shown = write_page(
        embeddings,
        options.output,
        options.method,
        words=options.words,
        neighbors=options.neighbors,
        seed=options.seed,
        title=options.title or os.path.basename(options.vectors),
    )
    size = os.path.getsize(options.output)
    told = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
    print(f"{summary(shown)}; wrote {options.output}, {told}")
