"""The monthly test press: a band nobody wears proves the whole path and wakes nobody."""
