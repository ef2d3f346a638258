"""Django's SQLite backend with our own wait for the write lock."""
