"""简报: bulletins as pages, files and API."""
