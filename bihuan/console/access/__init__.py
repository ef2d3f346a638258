"""Other systems: keys with scope and area, answers that are given once."""
