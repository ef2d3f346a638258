"""Official warnings on pages and over the API: what stands, and one taken down by hand."""
