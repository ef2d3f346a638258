"""The gateway alone in an internet zone: what came is kept here until the core has it."""
