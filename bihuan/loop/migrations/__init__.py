"""The loop's tables."""
