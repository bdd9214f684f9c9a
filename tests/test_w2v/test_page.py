"""The page as a file: what it holds, that it is safe, and that it asks for nothing; and the files for TensorBoard."""

import base64
import hashlib
import html.parser
import json
import subprocess
import sys

import numpy as np
import pytest

from tests.test_w2v.test_projection import embeddings, units
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError, SourceError
from w2v.formats import write_vectors
from w2v.page.html import page, page_data, write_page
from w2v.page.plane import LEAST_WORDS
from w2v.page.projection import projection
from w2v.page.tensorboard import write_projector_files
from w2v.readable import readable
from w2v.vocabulary import Vocabulary

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!--",
    "&lt;b&gt;",
    "'\"`${alert(1)}",
    "{{program}}",
    "\u2028\u2029",
    "\u202egnp.exe",
    "שלום",
    "👩\u200d🚀",
    "tab\there",
    "new\nline",
    "\x00",
    " ",
    "",
    "caf\udce9",
    "half\ud83d",
    "__proto__",
    "x" * (1 << 20),
)


class Parts(html.parser.HTMLParser):
    """The elements of a page as a browser splits it: (tag, attributes, text) of each."""

    def __init__(self, text):
        super().__init__()
        self.parts = []
        self.is_inside = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.parts.append([tag, dict(attrs), ""])
        self.is_inside = True

    def handle_endtag(self, tag):
        self.is_inside = False

    def handle_data(self, data):
        if self.is_inside:
            self.parts[-1][2] += data

    def named(self, tag, **attributes):
        return [part for part in self.parts if part[0] == tag and attributes.items() <= part[1].items()]


def decoded(text, dtype):
    return np.frombuffer(base64.b64decode(text), dtype)


@pytest.fixture(scope="module")
def hostile():
    return Embeddings(Vocabulary(HOSTILE, np.arange(len(HOSTILE), 0, -1)), units(len(HOSTILE), 4))


def test_data_are_what_was_projected():
    shown = projection(embeddings(units(300, 8), np.arange(300, 0, -1)), neighbors=7)
    data = json.loads(json.dumps(page_data(shown, "title")))
    places = decoded(data["places"], "<f4").reshape(-1, 2).astype(float)
    original = shown.plane.places.astype(float)
    assert abs(np.abs(places).max() - 1) < 1e-6
    scales = np.ptp(original, axis=0) / np.ptp(places, axis=0)
    assert np.allclose(scales, scales[0], rtol=1e-5)  # one factor for both axes
    assert decoded(data["neighbors"], "<u2").reshape(300, 7).tolist() == shown.neighbors.tolist()
    assert np.abs(decoded(data["cosines"], "<i2").reshape(300, 7) / 32767 - shown.cosines).max() <= 0.5001 / 32767
    assert decoded(data["groups"], "u1").tolist() == shown.groups.tolist()
    assert data["words"] == list(shown.words) and data["counts"] == list(range(300, 0, -1))


def test_many_words_have_wider_numbers(monkeypatch):
    shown = projection(embeddings(units(40, 3)), neighbors=2)
    shown = type(shown)(*[getattr(shown, name) for name in shown.__slots__])
    object.__setattr__(shown, "words", ("w",) * 65_537)
    assert decoded(page_data(shown, "")["neighbors"], "<u4").tolist() == shown.neighbors.ravel().tolist()


def test_what_is_said_of_the_plane_is_measured():
    """Variances 8 : 1 : 1 along three axes."""
    a = np.sqrt(8)
    vectors = [[a, 0, 0], [-a, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]
    shown = projection(embeddings(vectors), neighbors=1)  # directions alone count: a third of the variance each
    data = page_data(shown, "")
    assert data["summary"] == "6 words, vectors of 3 numbers; the two directions shown have 67 % of their variance"
    assert "vary most: 33 % of their variance. Up is the next one: 33 %." in data["facts"][1]
    assert data["facts"][2].startswith(
        "A word's neighbors are the other word of this page with the greatest cosine in all 3 dim"
    )
    assert "as in the file of vectors" in data["facts"][-1] and data["counts"] is None


@pytest.mark.parametrize("words", [1, 2, 3])
def test_a_page_of_few_words(tmp_path, words):
    shown = write_page(embeddings(units(words, 5)), tmp_path / "page.html")
    assert len(shown.words) == words and shown.neighbors.shape == (words, words - 1)
    assert (
        json.loads(Parts((tmp_path / "page.html").read_text()).named("script", id="data")[0][2])["neighborCount"]
        == words - 1
    )


def test_words_stay_text(hostile):
    """However they look, there are three elements with text of their own, and the words are in the data."""
    text = page(projection(hostile), title=HOSTILE[0])
    parts = Parts(text)
    assert [part[1].get("type") for part in parts.named("script")] == ["application/json", None]
    assert not parts.named("img") and text.count("</script") == 2
    data = json.loads(parts.named("script", id="data")[0][2])
    assert data["words"] == [readable(word) for word in HOSTILE]
    assert "{{program}}" in data["words"]
    assert parts.named("title")[0][2] == HOSTILE[0]
    assert len(text) < 100_000


def test_only_the_page_s_own_program_may_run(hostile):
    parts = Parts(page(projection(hostile), "title"))
    policy = parts.named("meta", **{"http-equiv": "Content-Security-Policy"})[0][1]["content"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for rule, (_, _, text) in (("script-src", parts.named("script")[1]), ("style-src", parts.named("style")[0])):
        assert rules[rule] == f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_nothing_is_named_that_could_be_loaded():
    text = page(projection(embeddings(units(30, 4))), "title")
    assert "://" not in text and "@import" not in text and "url(" not in text
    for tag, attributes, _ in Parts(text).parts:
        assert "src" not in attributes
        assert "href" not in attributes or (tag, attributes["href"]) == ("link", "data:,")


def test_words_are_readable():
    for word in ("plain", "two words", "naïve", "שלום", "می‌خواهم", "👩\u200d🚀", "日本語", "\u00a0x", "❤\ufe0f"):
        assert readable(word) == word
    for word, shown in {
        "caf\udce9": "caf\\xe9",
        "half\ud83d": "half\\ud83d",
        "\u202egnp.exe": "\\u202egnp.exe",
        "\ufeffword": "\\ufeffword",
        "co\xadop": "co\\xadop",
        "\x1b[31m": "\\x1b[31m",
        "\u2028\u2029": "\\u2028\\u2029",
        "\u00a0 ": "\\xa0\\x20",
        "\U000e0001": "\\U000e0001",
        "": "",
    }.items():
        assert readable(word) == shown
    assert readable("é" * 201) == "é" * 200 + "… (201 characters)"


def test_many_words_make_a_small_file(tmp_path):
    """A word takes 8 bytes for its place, 4 for each of 10 neighbors, 1 for its group; base64 makes 4 of 3; text is JSON."""
    write_page(embeddings(units(5_000, 4)), tmp_path / "page.html")
    words = sum(len(f'"w{number}",') for number in range(5_000))
    size = (tmp_path / "page.html").stat().st_size
    assert size < 5_000 * (8 + 40 + 1) * 4 / 3 + words + 60_000


def test_the_same_vectors_give_the_same_bytes(tmp_path):
    for name in ("a.html", "b.html"):
        write_page(embeddings(units(200, 6)), tmp_path / name, title="same")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_page_that_cannot_be_written(tmp_path):
    with pytest.raises(SourceError, match=r"cannot write .*none/page\.html: "):
        write_page(embeddings(units(9, 3)), tmp_path / "none" / "page.html")
    assert list(tmp_path.iterdir()) == []


def run(*arguments):
    command = [sys.executable, "-m", "w2v.cli", "project", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_the_command_writes_a_page_and_tensorboard_s_files(tmp_path):
    write_vectors(embeddings(units(80, 6)), tmp_path / "vectors.bin")
    done = run(
        tmp_path / "vectors.bin", "--output", tmp_path / "page.html", "--tensorboard", tmp_path / "board", "--words=50"
    )
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert first.startswith("50 words; wrote ") and first.endswith(
        f"look with: tensorboard --logdir {tmp_path / 'board'}"
    )
    assert second.startswith("50 words, vectors of 6 numbers; the two directions shown have ")
    assert "<title>vectors.bin</title>" in (tmp_path / "page.html").read_text()
    assert sorted(path.name for path in (tmp_path / "board").iterdir()) == [
        "metadata.tsv",
        "projector_config.pbtxt",
        "tensors.tsv",
    ]


def test_the_command_reads_no_more_words_than_it_shows(tmp_path):
    """The file says a million words and ends after five; with counts all words are needed to know the most frequent ones."""
    lines = "".join(f"w{number} {number} 1 2\n" for number in range(5))
    (tmp_path / "long.txt").write_text("1000000 3\n" + lines)
    done = run(tmp_path / "long.txt", "--output", tmp_path / "page.html", "--words=5")
    assert (done.returncode, done.stderr) == (0, "")
    given = Embeddings(Vocabulary(("rare", "often", "most"), [1, 7, 9]), units(3, 4))
    write_vectors(given, tmp_path / "counted.npz")
    done = run(tmp_path / "counted.npz", "--output", tmp_path / "page.html", "--words=2")
    assert done.returncode == 0, done.stderr
    data = Parts((tmp_path / "page.html").read_text()).named("script", id="data")[0][2]
    assert json.loads(data)["words"] == ["most", "often"]


def test_a_method_that_takes_long_says_so_on_a_terminal(tmp_path, monkeypatch, capsys):
    from w2v.cli import main

    write_vectors(embeddings(units(5, 3)), tmp_path / "vectors.bin")
    command = ["project", str(tmp_path / "vectors.bin"), "--output", str(tmp_path / "page.html"), "--method", "tsne"]
    assert main(command) == 2
    refused = f"w2v: error: tsne needs at least {LEAST_WORDS} words, not 5; write --method pca\n"
    assert capsys.readouterr().err == refused
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(command) == 2
    assert capsys.readouterr().err == "placing words by tsne, which can take a minute ...\n" + refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "say where to: --output FILE for a page, --tensorboard FOLDER for TensorBoard's projector"),
        (["--output", "page.pdf"], "the output page.pdf must end in .html"),
        (
            ["--output", "p.html", "--words", "0"],
            "argument --words: '0' is not a whole number of at least 1 (see w2v project --help)",
        ),
        (["--output", "p.html", "--method", "mds"], "argument --method: invalid choice: 'mds'"),
        (["--output", "p.html"], "cannot read none.bin: No such file or directory"),
    ],
)
def test_the_command_refuses_in_one_line(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    done = run("none.bin", *arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith(f"w2v: error: {message}") and done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_projector_files_hold_every_number_and_word(hostile, tmp_path):
    assert write_projector_files(hostile, tmp_path / "new" / "folder") == len(HOSTILE)
    folder = tmp_path / "new" / "folder"
    tensors = np.loadtxt(folder / "tensors.tsv", delimiter="\t", dtype=np.float32)
    assert np.array_equal(tensors, hostile.vectors)
    lines = (folder / "metadata.tsv").read_text().split("\n")
    assert lines[0] == "word\tcount" and lines[-1] == "" and len(lines) == len(HOSTILE) + 2
    rows = [line.split("\t") for line in lines[1:-1]]
    assert [count for _, count in rows] == [str(len(HOSTILE) - i) for i in range(len(HOSTILE))]
    shown = [word for word, _ in rows]
    assert all(word.strip() for word in shown) and not any(len(word.splitlines()) > 1 for word in shown)
    for word, expected in {
        10: "tab\\there",
        11: "new\\nline",
        12: "\\x00",
        13: "\\x20",
        14: "(empty)",
    }.items():
        assert shown[word] == expected
    assert (folder / "projector_config.pbtxt").read_text().count("tensor_shape") == 2


def test_projector_files_without_counts_are_words_alone(tmp_path):
    assert write_projector_files(embeddings(units(5, 2)), tmp_path, words=3) == 3
    assert (tmp_path / "metadata.tsv").read_text() == "w0\nw1\nw2\n"


def test_projector_files_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match=r"cannot write to .*file"):
        write_projector_files(embeddings(units(5, 2)), tmp_path / "file")
    with pytest.raises(ConfigError, match="words is 0; it must be at least 1"):
        write_projector_files(embeddings(units(5, 2)), tmp_path, words=0)


def test_tensorboard_serves_the_files(hostile, tmp_path):
    """As its own server would: the runs, the numbers, and as many lines as words."""
    pytest.importorskip("tensorboard")
    from tensorboard.backend import application
    from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
    from tensorboard.plugins import base_plugin
    from tensorboard.plugins.projector import projector_plugin
    from werkzeug.test import Client
    from werkzeug.wrappers import Response

    write_projector_files(hostile, tmp_path)
    provider = data_provider.MultiplexerDataProvider(plugin_event_multiplexer.EventMultiplexer(), str(tmp_path))
    plugin = projector_plugin.ProjectorPlugin(base_plugin.TBContext(logdir=str(tmp_path), data_provider=provider))
    client = Client(application.TensorBoardWSGI([plugin], "", provider), Response)
    served = "/data/plugin/projector"
    assert json.loads(client.get(f"{served}/runs").data) == ["."]
    config = json.loads(client.get(f"{served}/info?run=.").data)
    (info,) = config["embeddings"]
    assert info["tensorShape"] == [len(HOSTILE), 4]
    query = f"run=.&name={info['tensorName']}"
    tensors = client.get(f"{served}/tensor?{query}&num_rows=100").data
    assert np.frombuffer(tensors, np.float32).reshape(-1, 4).tolist() == hostile.vectors.tolist()
    metadata = client.get(f"{served}/metadata?{query}&num_rows=100").data.decode()
    assert len([line for line in metadata.split("\n") if line.strip()]) == len(HOSTILE) + 1
