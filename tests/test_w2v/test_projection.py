"""Words in the plane: neighbors against all cosines, planes against planted ones, groups against planted groups."""

import sys
import tracemalloc

import numpy as np
import pytest

from w2v.embeddings import Embeddings
from w2v.errors import ConfigError, MissingExtraError
from w2v.page import nearest
from w2v.page.clusters import clusters
from w2v.page.nearest import nearest_neighbors
from w2v.page.plane import LEAST_WORDS, Method, plane, principal_components
from w2v.page.projection import projection
from w2v.vocabulary import Vocabulary

SINGLE = np.finfo(np.float32).eps


def units(words, size, seed=1):
    vectors = np.random.default_rng(seed).normal(size=(words, size))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def embeddings(vectors, counts=None):
    words = tuple(f"w{number}" for number in range(len(vectors)))
    return Embeddings(Vocabulary(words, np.zeros(len(words)) if counts is None else counts), vectors)


@pytest.mark.parametrize(("words", "size", "count"), [(700, 30, 5), (700, 30, 60), (50, 3, 49), (2, 4, 1)])
def test_neighbors_are_those_of_all_cosines(monkeypatch, words, size, count):
    """A sum of `size` float32 products of unit vectors is off by at most size eps; two that are compared, by twice that."""
    monkeypatch.setattr(nearest, "_BLOCK_BYTES", 4 * words * 33)
    vectors = units(words, size)
    numbers, cosines = nearest_neighbors(vectors, count)
    exact = vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    np.fill_diagonal(exact, -np.inf)
    bound = size * SINGLE
    assert np.abs(cosines - np.take_along_axis(exact, numbers, 1)).max() <= bound
    assert (np.diff(cosines, axis=1) <= 0).all()
    least = np.sort(exact, axis=1)[:, -count]
    assert (np.take_along_axis(exact, numbers, 1) >= least[:, np.newaxis] - 2 * bound).all()
    assert all(len(set(row)) == count for row in numbers.tolist())


def test_equal_neighbors_come_by_their_numbers():
    """Vectors along two axes: all cosines are exactly 0 or 1."""
    vectors = np.eye(2, dtype=np.float32)[np.arange(1000) % 2]
    numbers, cosines = nearest_neighbors(vectors, 4)
    assert numbers[0].tolist() == [2, 4, 6, 8] and numbers[5].tolist() == [1, 3, 7, 9]
    assert (cosines == 1).all()


def test_fewer_words_than_neighbors():
    numbers, cosines = nearest_neighbors(units(3, 4), 10)
    assert numbers.shape == cosines.shape == (3, 2)
    assert nearest_neighbors(units(1, 4), 10)[0].shape == (1, 0)


def test_neighbors_take_bounded_memory(monkeypatch):
    """Two million cosines, a block of 64 kB at a time: the answer has 160 kB, a block and what is chosen in it below 1 MB."""
    monkeypatch.setattr(nearest, "_BLOCK_BYTES", 1 << 16)
    vectors = units(2000, 8)
    tracemalloc.start()
    nearest_neighbors(vectors, 10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_200_000 < 4 * 2000 * 2000


def planted_plane():
    """Six dimensions: places a along u, b along v, and c along w, with mean products of zero, so that the variances are known."""
    a = np.repeat([-3.0, -1.0, 1.0, 3.0], 16)
    b = np.tile(np.repeat([-2.0, 0.0, 0.0, 2.0], 4), 4)
    c = np.tile([0.5, -0.5, 0.5, -0.5], 16)
    axes = np.linalg.qr(np.random.default_rng(3).normal(size=(6, 6)))[0][:3]
    axes *= np.where(axes.max(axis=1, keepdims=True) >= -axes.min(axis=1, keepdims=True), 1, -1)
    return a, b, np.array([5.0, 2.0, 0.25]), np.column_stack([a, b, c]) @ axes + 7.0


def test_a_planted_plane_is_found():
    """The vectors are rounded to float32, to within 16 eps: places are too, but for the turn of the axes by as little."""
    a, b, variances, vectors = planted_plane()
    found = principal_components(vectors.astype(np.float32))
    assert np.abs(found.places - np.column_stack([a, b])).max() < 100 * SINGLE
    assert np.allclose(found.explained, variances[:2] / variances.sum(), atol=100 * SINGLE)


def test_the_plane_is_that_of_scikit_learn():
    decomposition = pytest.importorskip("sklearn.decomposition")
    vectors = units(300, 20) * np.linspace(1, 2, 20, dtype=np.float32)
    found = principal_components(vectors)
    expected = decomposition.PCA(2, svd_solver="full")
    places = expected.fit_transform(vectors.astype(np.float64))
    assert np.abs(np.abs(found.places) - np.abs(places)).max() < 1e-5
    assert np.allclose(found.explained, expected.explained_variance_ratio_, atol=1e-9)


def test_the_plane_of_words_that_do_not_differ_or_have_one_number():
    found = principal_components(np.ones((5, 3), np.float32))
    assert not found.places.any() and found.explained == (0.0, 0.0)
    found = principal_components(np.array([[1], [-1], [1], [-1]], np.float32))
    assert found.places.tolist() == [[1, 0], [-1, 0], [1, 0], [-1, 0]] and found.explained == (1.0, 0.0)


def test_planted_groups_are_found_the_largest_first():
    """Forty directions within 6 degrees of each of three that are at right angles."""
    random = np.random.default_rng(5)
    truth = np.array([2] * 20 + [0] * 60 + [1] * 40)
    vectors = np.eye(6)[truth] + random.uniform(-0.04, 0.04, (120, 6))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    groups, typical = clusters(vectors, 3, seed=1)
    assert groups.tolist() == truth.tolist()
    assert typical.min() > np.cos(np.radians(6))


def test_there_are_no_more_groups_than_directions():
    groups, typical = clusters(np.eye(2, dtype=np.float32)[[0, 1, 1, 0, 1]], 4, seed=1)
    assert groups.tolist() == [1, 0, 0, 1, 0] and typical.tolist() == [1] * 5
    assert not clusters(np.zeros((4, 3), np.float32), 2, seed=1)[1].any()


def test_on_a_circle_the_plane_keeps_all_neighbors():
    angles = np.random.default_rng(7).uniform(0, 2 * np.pi, 400)
    shown = projection(embeddings(np.column_stack([np.cos(angles), np.sin(angles)]) * 3), neighbors=6)
    assert shown.kept > 0.999  # a tie of two in float32 may go the other way
    assert abs(sum(shown.plane.explained) - 1) < 1e-6


def test_neighbors_that_the_plane_does_not_keep_are_told():
    """The third number decides who is near, and does not show: pairs are at the ends of the plane."""
    far = [[5, 0, 9], [-5, 0, 9], [0, 3, -9], [0, -3, -9]]
    shown = projection(embeddings(far), neighbors=1)
    assert [shown.neighbors[i, 0] for i in range(4)] == [1, 0, 3, 2]
    assert 0 <= shown.kept <= 1


def test_the_most_frequent_words_are_shown():
    vectors = units(6, 4)
    shown = projection(embeddings(vectors, [1, 9, 3, 9, 0, 2]), words=4)
    assert shown.words == ("w1", "w3", "w2", "w5") and shown.counts.tolist() == [9, 9, 3, 2]
    assert projection(embeddings(vectors), words=3).words == ("w0", "w1", "w2")
    assert projection(embeddings(vectors), words=99).words == tuple(f"w{i}" for i in range(6))


def test_the_same_arguments_give_the_same_projection():
    first, second = (projection(embeddings(units(300, 8)), seed=4) for _ in range(2))
    for name in ("neighbors", "cosines", "groups"):
        assert np.array_equal(getattr(first, name), getattr(second, name))
    assert np.array_equal(first.plane.places, second.plane.places)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"words": 0}, "words is 0; it must be at least 1"),
        ({"neighbors": -2}, "neighbors is -2; it must be at least 1"),
        ({"seed": -1}, "seed is -1; it must be at least 0 and below 2**32"),
        ({"seed": 1 << 32}, "seed is 4294967296; it must be at least 0 and below 2**32"),
        ({"method": "mds"}, "method is 'mds'; it must be one of pca, umap, tsne, pacmap"),
        ({"method": "umap"}, f"umap needs at least {LEAST_WORDS} words, not 5; write --method pca"),
    ],
)
def test_what_cannot_be_projected_is_refused(options, message):
    with pytest.raises(ConfigError) as caught:
        projection(embeddings(units(5, 3)), **options)
    assert str(caught.value) == message


@pytest.mark.parametrize(("method", "package"), [("umap", "umap"), ("tsne", "openTSNE"), ("pacmap", "pacmap")])
def test_a_missing_package_is_named(monkeypatch, method, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError) as caught:
        plane(units(30, 3), Method(method), 1)
    install = "install it with: pip install 'lagrangian-w2v[project]'"
    assert str(caught.value) == f"the method {method} needs {package}; {install}"


@pytest.mark.slow
@pytest.mark.parametrize(("method", "package"), [("umap", "umap"), ("tsne", "openTSNE"), ("pacmap", "pacmap")])
def test_other_methods_keep_planted_groups_together(method, package, caplog):
    """Three groups far apart: the nearest neighbor in the plane is of the same group. The same seed gives the same places."""
    caplog.set_level("WARNING")
    pytest.importorskip(package)
    truth = np.arange(150) % 3
    vectors = np.eye(5)[truth] + np.random.default_rng(2).normal(scale=0.05, size=(150, 5))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    first, second = (plane(vectors, Method(method), 3) for _ in range(2))
    assert first.explained is None and first.places.shape == (150, 2)
    assert np.array_equal(first.places, second.places)
    apart = np.linalg.norm(first.places[:, np.newaxis] - first.places, axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (truth[apart.argmin(axis=1)] == truth).all()
    assert not caplog.records
