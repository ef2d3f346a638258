"""The console's tables."""
