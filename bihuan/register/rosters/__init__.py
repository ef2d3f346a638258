"""Rosters (值班表): who holds which duty when, by pattern, override and swap."""
