"""A scenario that shows everything it can: its templates lie in `test_kitchen`."""
