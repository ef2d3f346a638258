"""一链通 over the pages and the API of an empty county."""
