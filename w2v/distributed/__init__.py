"""Training by several workers, each on its share of a corpus, who bring their rows together after every round."""
