"""Phrases against gensim and against word2phrase's own way, from texts of every size of memory."""

import gzip
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from gensim.models.phrases import ENGLISH_CONNECTOR_WORDS as GENSIM_CONNECTOR_WORDS
from gensim.models.phrases import Phrases as GensimPhrases
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles import word2phrase_oracle
from w2v import ENGLISH_CONNECTOR_WORDS, Phrases, learn_phrases, read_phrases, write_phrases
from w2v.corpora import files, numbering, pair_counts
from w2v.corpora import phrase_learning as learning
from w2v.corpora.options import TextOptions
from w2v.errors import ConfigError, CorpusError, SourceError

TEXTS = st.lists(st.lists(st.sampled_from("abcdefg"), max_size=12), min_size=1, max_size=30).filter(any)


def by_word2phrase(worda_count, wordb_count, bigram_count, len_vocab, min_count, corpus_word_count):
    return (bigram_count - min_count) / worda_count / wordb_count * corpus_word_count


def learned(text, min_count, threshold, scoring, connectors=()):
    try:
        return learn_phrases(text, min_count, threshold, scoring, connector_words=connectors)
    except CorpusError:
        return Phrases({})  # no word is frequent enough


@pytest.mark.parametrize("scoring", ["word2phrase", "npmi"])
@settings(max_examples=30, deadline=None, derandomize=True)
@given(text=TEXTS, min_count=st.integers(1, 3), share=st.floats(0, 0.9), connectors=st.sampled_from(["", "a", "abc"]))
def test_gensim_finds_the_same_phrases_with_the_same_scores(scoring, text, min_count, share, connectors):
    threshold = share * 5 if scoring == "word2phrase" else share
    own = learned(text, min_count, threshold, scoring, list(connectors))
    other = GensimPhrases(
        text,
        min_count=min_count,
        threshold=threshold,
        scoring=by_word2phrase if scoring == "word2phrase" else "npmi",
        connector_words=frozenset(connectors),
    )
    found = {"_".join(words): score for words, score in own.scores.items()}
    expected = other.export_phrases()
    # both sum up four roundings of 2**-53, in their own order; a score so near to the threshold may fall on either side
    near = {pair for pair, score in (found | expected).items() if abs(score - threshold) <= 2**-50 * max(1, threshold)}
    assert found.keys() - near == expected.keys() - near
    for pair in found.keys() & expected.keys():
        assert abs(found[pair] - expected[pair]) <= 2**-50 * max(1, expected[pair])
    if found.keys() == expected.keys():
        assert [own.join(sentence) for sentence in text] == [other[sentence] for sentence in text]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    text=TEXTS,
    min_count=st.integers(1, 3),
    threshold=st.sampled_from([0.1, 0.77, 1.3, 3.1]),
    blanks=st.sampled_from([" ", "  ", "\t \r"]),
)
def test_a_text_is_joined_as_word2phrase_does(tmp_path_factory, text, min_count, threshold, blanks):
    path = tmp_path_factory.getbasetemp() / "text.txt"
    path.write_bytes("\n".join("".join(blanks + word for word in line) for line in text).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "PIECE_BYTES", 16)
        found = learned(str(path), min_count, threshold, "word2phrase")
        pieces = b"".join(learning.joined_pieces(str(path), TextOptions(), [found]))
    expected = word2phrase_oracle.joined(text, min_count, threshold)
    assert [line.split() for line in pieces.decode().split("\n")] == expected
    assert [found.join(line) for line in text] == expected
    kept = re.sub(r"\S", "", pieces.decode())  # what is not joined is as it was
    assert len(kept) == len(blanks) * sum(map(len, expected)) + len(text) - 1


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    text=TEXTS,
    slots=st.sampled_from([4, 8, 16]),
    tokens=st.integers(1, 9),
    words=st.integers(1, 6),
    connectors=st.sampled_from(["", "ab"]),
)
def test_bounded_memory_changes_nothing(text, slots, tokens, words, connectors):
    expected = learned(text, 1, 0.0, "npmi", list(connectors)).scores
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pair_counts, "_FIRST_SLOTS", slots)
        patch.setattr(pair_counts, "MOST_SLOTS", slots)
        patch.setattr(pair_counts, "PIECE_TOKENS", tokens)
        patch.setattr(numbering, "MOST_WORDS", words)
        patch.setattr(numbering, "_FIRST_SLOTS", 4)
        assert learned(text, 1, 0.0, "npmi", list(connectors)).scores == expected


@settings(max_examples=30, deadline=None, derandomize=True)
@given(text=TEXTS, blanks=st.sampled_from([" ", "  ", "\t \r"]))
def test_text_is_joined_across_connectors_as_lists_are(tmp_path_factory, text, blanks):
    found = learned(text, 1, 0.0, "npmi", ["a", "b", "c"])
    path = tmp_path_factory.getbasetemp() / "text.txt"
    path.write_bytes("\n".join(blanks.join(line) for line in text).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "PIECE_BYTES", 16)
        pieces = b"".join(learning.joined_pieces(str(path), TextOptions(), [found]))
    joined = [found.join(line) for line in text]
    assert pieces.decode() == "\n".join(blanks.join(line) for line in joined)


def test_connectors_are_gensims_and_stand_in_the_midst_only():
    assert ENGLISH_CONNECTOR_WORDS == GENSIM_CONNECTOR_WORDS
    text = [["the", "bank", "of", "the", "river", "of"]] * 9 + [["bank", "river"]] * 2
    found = learn_phrases(text, min_count=1, threshold=0, connector_words=["of", "the"])
    # (n(ab) - 1) N / (n(a) n(b)), each of the two apart
    assert found.scores == {("bank", "of", "the", "river"): 8 * 58 / 11**2, ("bank", "river"): 58 / 11**2}
    assert found.join(["of", "bank", "of", "the", "river", "of", "the"]) == ["of", "bank_of_the_river", "of", "the"]
    assert found.join(["bank", "of", "bank", "river"]) == ["bank", "of", "bank_river"]
    with pytest.raises(
        ConfigError, match=r"^connector_words is the string 'of the'; give a list of words, such as \['of', 'the'\]$"
    ):
        learn_phrases(text, connector_words="of the")
    with pytest.raises(ConfigError, match=r"^connector_words is None; give a list of words, or none: \[\]$"):
        learn_phrases(text, connector_words=None)
    with pytest.raises(CorpusError, match=r"^a sentence is a list of words, not the string 'bank of'; split it first$"):
        found.join("bank of")
    with pytest.raises(ConfigError, match=r"^unknown option 'connectors'; there are encoding, tokenizer,"):
        learn_phrases(text, connectors=["of"])
    with pytest.raises(ConfigError, match=r"^connector_words has 7 in it; it must be strings$"):
        learn_phrases(text, connector_words=["of", 7])


def test_runs_of_connectors_that_have_no_number_are_in_no_phrase():
    """With two connectors a run has a code below 2**62 up to 39 words."""
    for length, phrases in ((39, 1), (40, 0)):
        text = [["a", *["of"] * length, "b"]] * 3 + [["of"], ["the"]]
        found = learn_phrases(text, min_count=1, threshold=0, connector_words=["of", "the"])
        assert len(found) == phrases
    with pytest.raises(
        ConfigError, match=r"^the phrase 'a of the of .* b' has more connectors than can be counted; leave it out$"
    ):
        Phrases({("a", *["of", "the"] * 20, "b"): 1.0})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pair_counts, "_MOST_KEYS", 18)
        message = r"^3 words with 2 runs of connectors between them are too many to be counted; raise min_count$"
        with pytest.raises(ConfigError, match=message):
            learn_phrases([["a", "of", "b"]], min_count=1, connector_words=["of"])


def test_words_that_end_in_control_characters_keep_them():
    phrases = Phrases({("new\x01", "york"): 1.0})
    assert b"".join(phrases.join_pieces([b"in new\x01 york\n"])) == b"in new\x01_york\n"


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ({("a",): 1.0}, "the phrase ('a',) is not a tuple of two words or more, such as ('new', 'york')"),
        ({"ab": 1.0}, "the phrase 'ab' is not a tuple of two words or more, such as ('new', 'york')"),
        (
            {("a", "of", "b"): 1.0, ("of", "c"): 1.0},
            "'of' stands inside of one phrase and begins or ends another; it must be a connector in all or in none",
        ),
    ],
)
def test_phrases_that_are_none(scores, message):
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        Phrases(scores)


def test_planted_phrases_are_found_and_no_others(tmp_path):
    """Words at random, but 'red' is always followed by 'wine', and these by 'glass': two passes find three words."""
    random = np.random.default_rng(0)
    lines = []
    for _ in range(3_000):
        words = [f"w{number}" for number in random.integers(0, 50, 8)]
        words[3:3] = ["red", "wine", "glass"]
        lines.append(" ".join(words) + "\n")
    path = tmp_path / "text.txt"
    path.write_text("".join(lines))
    first = learn_phrases(path, threshold=5)
    assert set(first.scores) == {("red", "wine"), ("wine", "glass")}
    second = learn_phrases(path, threshold=5, after=[first])
    assert set(second.scores) == {("red_wine", "glass")}
    assert second.join(first.join(["a", "red", "wine", "glass"])) == ["a", "red_wine_glass"]


def run(*arguments, **options):
    command = [sys.executable, "-m", "w2v.cli", "phrases", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def test_the_command_joins_files_in_passes(tmp_path):
    random = np.random.default_rng(0)
    text = "".join(
        " ".join([*(f"w{number}" for number in random.integers(0, 50, 8)), "Red", "wine", "glass"]) + "\n"
        for _ in range(900)
    )
    (tmp_path / "a.txt").write_text(text[:-1])
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(text.encode()))
    names = tmp_path / "a.txt", tmp_path / "b.txt.gz"
    options = "--threshold", 5, "--passes", 2, "--lowercase", "--pairs", tmp_path / "pairs.tsv"
    done = run(*names, "--output", tmp_path / "out.txt.gz", *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"2, 1 pairs of words joined, by pass, in .* s; wrote .*out\.txt\.gz\n", done.stdout)
    joined = gzip.decompress((tmp_path / "out.txt.gz").read_bytes()).decode()
    assert joined == text.replace("Red wine glass", "red_wine_glass") * 2
    assert set(read_phrases(tmp_path / "pairs.tsv").scores) == {
        ("red", "wine"),
        ("wine", "glass"),
        ("red_wine", "glass"),
    }


def test_pairs_are_written_and_read(tmp_path):
    phrases = Phrases({("größe", "x"): 1 / 3, ("\udcff", "b"): 2.0, ("a", "of", "the", "z"): 0.5}, "--")
    write_phrases(phrases, tmp_path / "pairs.tsv")
    again = read_phrases(tmp_path / "pairs.tsv", "--")
    assert again.scores == phrases.scores and again.join(["größe", "x", "b"]) == ["größe--x", "b"]
    (tmp_path / "pairs.tsv").write_text("a\tb\t1\na b\n")
    with pytest.raises(CorpusError, match=r"^line 2 of .*pairs\.tsv is b'a b\\n', not words and a score$"):
        read_phrases(tmp_path / "pairs.tsv")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scoring": "pmi"}, "scoring is 'pmi'; it must be one of word2phrase, npmi"),
        ({"min_count": 0}, "min_count is 0; it must be a whole number of at least 1"),
        ({"threshold": -1}, "threshold is -1; with word2phrase it must be a number from 0 to inf"),
        ({"threshold": 2, "scoring": "npmi"}, "threshold is 2; with npmi it must be a number from -1 to 1"),
        ({"delimiter": " "}, "delimiter is ' '; it must be a string without white space, such as '_'"),
        ({"delimiter": ""}, "delimiter is ''; it must be a string without white space, such as '_'"),
    ],
)
def test_options_that_are_refused(options, message):
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        learn_phrases([["a"]], **options)


def test_what_cannot_be_read_twice(tmp_path):
    with pytest.raises(
        CorpusError, match=r"^phrases of more words are found in files only; join the sentences yourself"
    ):
        learn_phrases([["a"]], after=[Phrases({})])
    with pytest.raises(CorpusError, match=r"^standard input can be read only once; phrases take a file"):
        learn_phrases("-", after=[Phrases({})])
    with pytest.raises(SourceError, match=r"^cannot read .*none: No such file"):
        learning.text_files(str(tmp_path / "none"))
    assert run("-", "-", "--output", tmp_path / "o", input="a b").stderr == (
        "w2v: error: standard input, '-', is named twice; it can be read once only\n"
    )
    assert not list(tmp_path.glob("o*"))


def test_the_command_reads_standard_input_and_parquet_and_takes_connectors(tmp_path):
    from pyarrow import parquet, table

    lines = ["the bank of england", "of england"] * 9
    parquet.write_table(table({"text": [None, *lines]}), tmp_path / "text.parquet")
    parquet.write_table(table({"words": [line.split() for line in lines]}), tmp_path / "words.parquet")
    names = "-", tmp_path / "text.parquet", tmp_path / "words.parquet"
    options = "--threshold", "1", "--connector-words", "of the", "--output", tmp_path / "out.txt"
    done = run(*names, *options, input="\n".join(lines))
    assert (done.returncode, done.stderr.count("\n")) == (0, 2), (
        done.stderr
    )  # of the row that is null, each time it is read
    assert (tmp_path / "out.txt").read_text() == "the bank_of_england\nof england\n" * 9 * len(names)
    assert not list(Path(tempfile.gettempdir()).glob("w2v-*/standard-input"))


def test_lists_whose_words_are_none_of_a_text(tmp_path):
    from pyarrow import parquet, table

    for word, shown in ((" ", "' '"), ("a b", "'a b'"), (None, "None")):
        parquet.write_table(table({"words": [["a", word]]}), tmp_path / "a.parquet")
        with pytest.raises(
            CorpusError, match=rf"a\.parquet, column 'words': {shown} in a list of words is no single word"
        ):
            list(learning.joined_pieces(str(tmp_path / "a.parquet"), TextOptions(), []))
