"""Questions to word vectors: what can be asked, and what the answers are."""
