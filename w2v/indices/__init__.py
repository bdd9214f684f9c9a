"""What an approximate index of vectors is made of: its graph, its recall, and what it knows its vectors by."""
