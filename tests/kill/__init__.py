"""The kill harness: the real thing under traffic, killed at random moments, then counted."""
