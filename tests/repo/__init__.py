"""What the repository itself promises: words, docs, layers, sizes, names of files."""
