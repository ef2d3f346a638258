"""Clocks: how they are counted, extended, suspended, and whose figure each limit is."""
