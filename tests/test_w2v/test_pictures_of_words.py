"""Pictures of losses and similarities: what is drawn, as data; and that files are drawn, the same every time."""

import json
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest

from tests.test_w2v.test_projection import embeddings, units
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError, MissingExtraError, SourceError, UnknownWordError, VectorFileError, W2VWarning
from w2v.formats import write_vectors
from w2v.loss_history import LossHistory
from w2v.pictures.drawing import figure
from w2v.pictures.items import Heat, Line, Role
from w2v.pictures.loss import LossRecord, loss_record, plot_loss, read_loss_record
from w2v.pictures.picture import Picture
from w2v.pictures.similarity import plot_neighbors, plot_similarity
from w2v.progress import Progress, TrainingReport
from w2v.vocabulary import Vocabulary

REPORT = TrainingReport(
    tokens=100,
    trained_tokens=90,
    vocabulary_size=9,
    epochs=2,
    pairs=400,
    loss=2.0,
    epoch_losses=(2.5, 2.0),
    held_out_losses=(2.25, 2.125),
    setup_s=0.0,
    compile_s=0.0,
    training_s=1.0,
    scoring_s=0.0,
    tokens_per_s=200.0,
)


def lines(picture):
    return {line.label: line.points.tolist() for line in picture.panels[0].items}


def test_losses_stand_where_they_were_taken():
    """Half of 400 tokens is one of two epochs; nothing is known before the first token."""
    heard = []
    history = LossHistory(heard.append)
    for tokens, loss in ((0, 0.0), (100, 2.75), (200, 2.5), (400, 2.0)):
        history(Progress(tokens, 400, 0.01, loss, 1.0, epochs=2))
    assert [progress.tokens_done for progress in heard] == [0, 100, 200, 400]
    picture = plot_loss(loss_record(REPORT, history))
    assert lines(picture) == {
        "latest blocks": [[0.5, 2.75], [1.0, 2.5], [2.0, 2.0]],
        "epochs": [[0.5, 2.5], [1.5, 2.0]],
        "held-out": [[1.0, 2.25], [2.0, 2.125]],
    }
    assert lines(plot_loss(REPORT)) == {name: lines(picture)[name] for name in ("epochs", "held-out")}


def test_a_long_history_keeps_evenly_spaced_losses():
    history = LossHistory()
    for tokens in range(1, 10_001):
        history(Progress(tokens, 10_000, 0.01, 1 / tokens, 1.0))
    done = np.array([epochs for epochs, _ in history.points]) * 10_000
    assert 500 <= len(done) < 1000 and done[0] == 1
    assert len(set(np.diff(np.rint(done)))) == 1
    assert all(abs(loss * epochs * 10_000 - 1) < 1e-9 for epochs, loss in history.points)


def test_several_runs_have_names_and_shades():
    picture = plot_loss(LossRecord("a", (3.0,)), LossRecord("b", (2.0,), (2.5,)))
    drawn = [(line.label, line.shade, line.role) for line in picture.panels[0].items]
    assert drawn == [("a, epochs", 0, Role.EPOCH), ("b, epochs", 1, Role.EPOCH), ("b, held-out", 1, Role.HELD_OUT)]
    with pytest.raises(ConfigError, match="there is no training run to draw"):
        plot_loss()
    with pytest.raises(
        ConfigError, match=r"\[1\] is no training run; give what train returns as its report, or a LossRecord"
    ):
        plot_loss([1])


def test_reports_are_read_and_others_refused(tmp_path):
    path = tmp_path / "report.json"
    path.write_text(json.dumps(asdict(REPORT)))
    assert read_loss_record(path) == LossRecord("report.json", (2.5, 2.0), (2.25, 2.125))
    for content in (
        "[]",
        "{}",
        "not JSON",
        '{"epoch_losses": ["x"], "held_out_losses": []}',
        '{"epoch_losses": 3}',
        "\xff",
    ):
        path.write_text(content, "latin-1")
        with pytest.raises(VectorFileError, match=r"report\.json is no report of w2v train: "):
            read_loss_record(path)
    with pytest.raises(SourceError, match=r"cannot read .*none\.json"):
        read_loss_record(tmp_path / "none.json")


def test_similar_words_stand_together():
    """Two words along each of three axes, asked for in turn: each pair gets rows side by side; cosines are the vectors' own."""
    random = np.random.default_rng(3)
    vectors = np.eye(6)[[0, 1, 2, 0, 1, 2]] * 5 + random.normal(scale=0.3, size=(6, 6))
    given = embeddings(vectors)
    (heat,) = plot_similarity(given, [f"w{i}" for i in (0, 1, 2, 3, 4, 5, 0)]).panels[0].items
    rows = [int(word[1]) for word in heat.words]
    assert sorted(rows) == list(range(6))
    assert {frozenset(rows[i : i + 2]) for i in (0, 2, 4)} == {frozenset({i, i + 3}) for i in range(3)}
    exact = given.vectors[rows].astype(float)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    assert np.abs(heat.values - exact @ exact.T).max() < 1e-12
    assert (np.diag(heat.values) == 1).all()


def test_pictures_need_known_words():
    given = embeddings(units(4, 3))
    with pytest.raises(ConfigError, match="a picture of similarities needs at least two different words"):
        plot_similarity(given, ["w1", "w1"])
    with pytest.raises(ConfigError, match="a picture of similarities needs at least two different words"):
        plot_similarity(given, "w1")
    with pytest.raises(ConfigError, match="a picture of neighbors needs at least one word"):
        plot_neighbors(given, [])
    with pytest.raises(ConfigError, match="topn is 0; it must be at least 1"):
        plot_neighbors(given, "w1", 0)
    for plot in (plot_similarity, plot_neighbors):
        with pytest.raises(UnknownWordError, match="the word 'zz' is not in the vocabulary"):
            plot(given, ["w1", "zz"])


def test_neighbors_in_the_plane():
    """Vectors in a plane: nothing is lost, so that distances are those of the unit vectors, and the title says 100 %."""
    angles = np.radians([0, 10, 25, 90, 100, 200])
    given = embeddings(np.column_stack([np.cos(angles), np.sin(angles), 0 * angles]) * 3)
    panel = (picture := plot_neighbors(given, ["w0", "w3"], topn=2)).panels[0]
    assert picture.title == "Nearest words; the plane has 100 % of their variance"
    asked, neighbors = panel.of(Role.ASKED), panel.of(Role.NEIGHBOR)
    assert [(item.word, item.shade) for item in asked] == [("w0", 0), ("w3", 1)]
    assert {(item.word, item.shade) for item in neighbors} == {("w1", 0), ("w2", 0), ("w4", 1)}
    places = {item.word: np.array(item.place) for item in (*asked, *neighbors)}
    for first, a in places.items():
        for second, b in places.items():
            turn = angles[int(first[1])] - angles[int(second[1])]
            assert abs(np.linalg.norm(a - b) - 2 * abs(np.sin(turn / 2))) < 1e-5
    joined = {tuple(map(tuple, np.round(line.points, 4))) for line in panel.of(Role.NEARNESS)}
    assert len(joined) == 4 and all(
        tuple(np.round(places["w0"], 4)) in ends or tuple(np.round(places["w3"], 4)) in ends for ends in joined
    )


def test_what_is_drawn_cannot_be_written_to():
    picture = plot_similarity(embeddings(units(4, 3)), ["w0", "w1"])
    assert not picture.panels[0].items[0].values.flags.writeable
    assert not plot_loss(REPORT).panels[0].items[0].points.flags.writeable


def pictures():
    hostile = ("$x^2$", "</text>", "שלום", "caf\udce9", "y" * 1000, "plain")
    given = Embeddings(Vocabulary(hostile, np.zeros(6)), units(6, 4))
    return (
        plot_loss(LossRecord("_$run$", (2.5, 2.0), (2.25,), ((0.1, 3.0), (0.2, 2.9)))),
        plot_similarity(given, hostile),
        plot_neighbors(given, hostile[:2], 3),
    )


def test_files_are_drawn_the_same_every_time(tmp_path):
    pytest.importorskip("matplotlib")
    starts = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}
    for number, (first, second) in enumerate(zip(pictures(), pictures(), strict=True)):
        for ending in starts if number == 0 else ["svg"]:
            paths = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
            first.save(paths[0])
            second.save(paths[1])
            assert paths[0].read_bytes() == paths[1].read_bytes()
            assert paths[0].read_bytes().startswith(starts[ending])
        assert first._repr_svg_().startswith("<?xml")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"{name}.{kind}" for name in "ab" for kind in ("pdf", "png", "svg")
    ]


def test_drawing_leaves_pyplot_alone():
    matplotlib = pytest.importorskip("matplotlib")
    from matplotlib import pyplot

    before, settings = pyplot.get_fignums(), dict(matplotlib.rcParams)
    for picture in pictures():
        picture._repr_svg_()
    assert pyplot.get_fignums() == before and dict(matplotlib.rcParams) == settings


def test_axes_hold_the_numbers_and_names():
    pytest.importorskip("matplotlib")
    picture = plot_loss(REPORT)
    (axes,) = figure(picture.title, picture.panels).axes
    assert [line.get_xydata().tolist() for line in axes.lines] == [
        [[0.5, 2.5], [1.5, 2.0]],
        [[1.0, 2.25], [2.0, 2.125]],
    ]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["epochs", "held-out"]
    hidden = plot_loss(LossRecord("_a", (1.0,)))
    (legend,) = [axes.get_legend() for axes in figure("", hidden.panels).axes]
    assert [text.get_text() for text in legend.get_texts()] == [" _a, epochs"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epochs", "loss a pair")
    heat = Heat(("a", "b"), [[1, -0.25], [-0.25, 1]], Role.SIMILARITY)
    panel = type(picture.panels[0])(("", ""), (heat,))
    axes = figure("", (panel, picture.panels[0])).axes[0]
    assert axes.images[0].get_array().tolist() == heat.values.tolist() and axes.images[0].get_clim() == (-0.25, 1.0)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]
    assert [text.get_text() for text in axes.texts] == ["1.00", "−0.25", "−0.25", "1.00"]


def test_names_of_crowded_words_do_not_overlap():
    """Twelve words within a hundredth of the picture, and one far away."""
    pytest.importorskip("matplotlib")
    angles = np.append(np.linspace(0, 0.02, 12), 2.0)
    given = embeddings(np.column_stack([np.cos(angles), np.sin(angles)]))
    panel = plot_neighbors(given, ["w0", "w12"], 12).panels[0]
    axes = figure("", (panel,)).axes[0]
    boxes = [text.get_window_extent() for text in axes.texts if text.get_text()]
    assert len(boxes) == 13
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_pictures_that_cannot_be_saved(tmp_path, monkeypatch):
    picture = plot_loss(REPORT)
    with pytest.raises(
        ConfigError, match=r"the picture cannot be written to loss\.bmp; end its name in \.svg, \.png or \.pdf"
    ):
        picture.save("loss.bmp")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(
        MissingExtraError, match=r"a picture needs matplotlib; install it with: pip install 'lagrangian-w2v\[plot\]'"
    ):
        picture.save(tmp_path / "loss.svg")
    assert picture._repr_svg_() is None and str(picture) == "Loss in training (2 items)"
    assert list(tmp_path.iterdir()) == []


def test_one_line_alone_needs_no_name():
    pytest.importorskip("matplotlib")
    line = Line([[0, 0], [1, 1]], "", Role.NEARNESS)
    picture = Picture("t", (type(plot_loss(REPORT).panels[0])(("", ""), (line,)),))
    assert picture._repr_svg_() and figure("t", picture.panels).axes[0].get_legend() is None


def run(*arguments):
    command = [sys.executable, "-m", "w2v.cli", "plot", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_the_command_draws(tmp_path):
    pytest.importorskip("matplotlib")
    (tmp_path / "report.json").write_text(json.dumps({**asdict(REPORT), "recent_losses": [[0.5, 2.5]]}))
    assert read_loss_record(tmp_path / "report.json").recent == ((0.5, 2.5),)
    write_vectors(embeddings(units(20, 6)), tmp_path / "vectors.bin")
    for arguments, title in (
        (["loss", tmp_path / "report.json"], "Loss in training"),
        (["similarity", tmp_path / "vectors.bin", "w1", "w2", "w3"], "Cosines of words"),
        (["neighbors", tmp_path / "vectors.bin", "w1", "--top=3"], "Nearest words; the plane has "),
    ):
        done = run(*arguments, "--output", tmp_path / "picture.svg")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(title) and done.stdout.endswith(f"; wrote {tmp_path / 'picture.svg'}\n")
        assert (tmp_path / "picture.svg").read_text().startswith("<?xml")
        (tmp_path / "picture.svg").unlink()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: PICTURE (see w2v plot --help)"),
        (["loss", "none.json", "--output", "a.svg"], "cannot read none.json: No such file or directory"),
        (["loss", "none.json"], "the following arguments are required: --output (see w2v plot loss --help)"),
    ],
)
def test_the_command_refuses_in_one_line(arguments, message):
    done = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"w2v: error: {message}\n")


def test_letters_without_a_font_are_told_once(tmp_path):
    """U+E000 and U+E001 are private: no font that draws words has them."""
    words = ("\ue000x", "\ue001\ue000", "plain")
    vectors = Embeddings(Vocabulary(words, [3, 2, 1]), units(3, 4))
    with pytest.warns(W2VWarning) as told:
        plot_neighbors(vectors, [words[0]], topn=2, file=tmp_path / "p.svg")
    said = "no font of this machine has \ue000\ue001; boxes stand for them in the picture"
    assert [str(one.message) for one in told] == [said]
