"""Providers against their documented bodies, replayed by servers on loopback."""
