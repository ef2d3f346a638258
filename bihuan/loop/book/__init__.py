"""The county as one person may see it: what panels, sheets, overviews and notices read."""
