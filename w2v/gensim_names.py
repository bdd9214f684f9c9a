"""What gensim's names are called here, where they are not the same: for errors that say what to write.

docs/from-other-tools.md has the same in tables, a test compares them.
"""

_READ = "write w2v.read_vectors(path)"
_WRITE = "write w2v.write_vectors(embeddings, path)"
_GROWN = "embeddings do not change; write wv = wv.with_vectors(words, vectors, replace=True)"
_FIXED = "embeddings do not change; make new ones: w2v.Embeddings(w2v.Vocabulary(words, counts), vectors)"
_LENGTHS = "lengths are always known here; leave the call out"

ATTRIBUTES = {
    "vocab": "write key_to_index, and vocabulary.counts for the counts",
    "index2word": "write index_to_key",
    "index2entity": "write index_to_key",
    "syn0": "write vectors",
    "syn0norm": "write get_normed_vectors()",
    "vectors_norm": "write get_normed_vectors()",
    "wv": "these are the vectors already",
    "norms": "write numpy.linalg.norm(vectors, axis=1)",
    "expandos": "write vocabulary.counts for the counts; words have no other attributes",
    "vectors_ngrams": "write subwords.vectors, the rows of the buckets subwords.buckets",
    "vectors_vocab": "it is not there: vectors are the means of words' own rows and their n-grams'",
    "min_n": "write subwords.rule.min_n",
    "max_n": "write subwords.rule.max_n",
    "bucket": "write subwords.rule.bucket",
    "word_vec": "write get_vector(word, norm=...)",
    "words_closer_than": "write closer_than(word1, word2)",
    "init_sims": _LENGTHS,
    "fill_norms": _LENGTHS,
    "unit_normalize_all": "write get_normed_vectors()",
    "save": _WRITE,
    "save_word2vec_format": _WRITE + "; a name in .bin is binary",
    "load": _READ,
    "load_word2vec_format": _READ,
    "load_facebook_vectors": _READ,
    "intersect_word2vec_format": _FIXED,
    "add_vector": _GROWN,
    "add_vectors": _GROWN,
    "resize_vectors": _FIXED,
    "allocate_vecattrs": _FIXED,
    "set_vecattr": _FIXED,
    "sort_by_descending_frequency": _FIXED,
    "evaluate_word_pairs": "write w2v.evaluate_similarity(embeddings, path)",
    "evaluate_word_analogies": "write w2v.evaluate_analogies(embeddings, path)",
    "accuracy": "write w2v.evaluate_analogies(embeddings, path)",
    "similarity_unseen_docs": "write n_similarity(words1, words2)",
}

MODEL_ATTRIBUTES = {
    "get_latest_training_loss": "write report.loss, the mean a pair of the last epoch, or report.epoch_losses",
    "running_training_loss": "write report.loss, the mean a pair of the last epoch",
    "score": "it is not there; w2v.held_out_loss scores text",
    "most_similar": "write wv.most_similar",
    "similarity": "write wv.similarity",
    "doesnt_match": "write wv.doesnt_match",
    "vocabulary": "write wv.vocabulary",
    "syn1": "write wv.outputs",
    "trainables": "write wv.outputs for the output rows",
    "init_sims": _LENGTHS,
    "build_vocab_from_freq": "read the text by read_corpus(text, vocabulary=Vocabulary(words, counts)), and train on that",
    "scan_vocab": "write build_vocab",
    "prepare_vocab": "write build_vocab",
    "corpus_total_words": "write report.tokens",
    "total_train_time": "write report.training_s",
    "layer1_size": "write vector_size",
    "raw_vocab": "write wv.vocabulary",
    "estimate_memory": "it is not there; the two matrices take 8 bytes times words times vector_size",
    "reset_from": "write Word2Vec(sentences, start=model.wv)",
    "save_word2vec_format": "write w2v.write_vectors(model.wv, path)",
}

MODULE_ATTRIBUTES = {
    "KeyedVectors": "write Embeddings; read_vectors(path) loads them, write_vectors(embeddings, path) saves them",
    "FastText": "write Word2Vec(sentences, subwords=True)",
    "LineSentence": "give the path itself to Word2Vec(corpus_file=path) or read_corpus(path)",
    "PathLineSentences": "give a pattern such as 'folder/*' to read_corpus",
    "Phraser": "write Phrases",
    "load_facebook_vectors": "write read_vectors(path)",
    "load_facebook_model": "write read_vectors(path)",
}
