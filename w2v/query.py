"""What word vectors can be asked, under gensim's names where they mean the same."""

import numpy as np

from w2v.errors import QueryError
from w2v.queries.asked import Query, at_least_one
from w2v.queries.neighbors import Neighbors


class Queries(Neighbors):
    """Questions to vectors of words; a query is a word, a word's number, or a vector of any length.

    Every method raises UnknownWordError for a word without a vector, and QueryError for what is no query: a vector of another
    size or one with numbers that are not finite, a number that no word has, nothing at all.
    """

    __slots__ = ()

    def closer_than(self, key1: Query, key2: str | int) -> list[str]:
        """The words that are nearer to `key1` than `key2` is, in the order of their numbers, without `key1`."""
        distances = self.distances(key1)
        closer = np.flatnonzero(distances < distances[self.get_index(key2)])
        own = self._own_number(key1)
        return [self._words.words[number] for number in closer.tolist() if number != own]

    def rank(self, key1: Query, key2: str | int) -> int:
        """1 for the nearest of all words to `key1`, 2 for the next: how near `key2` is."""
        return len(self.closer_than(key1, key2)) + 1

    def relative_cosine_similarity(self, wa: Query, wb: Query, topn: int = 10) -> float:
        """Two words' similarity over the sum of those of the first one's `topn` nearest words (Leeuwenberg et al. 2016)."""
        similar = self.most_similar(wa, topn=at_least_one(topn))
        if not similar:
            raise QueryError("there is no other word to compare with")
        return self.similarity(wa, wb) / sum(value for _, value in similar)
