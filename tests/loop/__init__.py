"""Proofs of the loop."""
