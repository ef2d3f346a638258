"""叫应台: the pages and the API of call-outs."""
