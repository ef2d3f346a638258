"""Organisations, who belongs to them, and posts held from-to."""
