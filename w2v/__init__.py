"""word2vec in Numba."""
