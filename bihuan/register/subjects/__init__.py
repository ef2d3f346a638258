"""Typed subjects: who or what a scenario watches or serves, from registering to ending."""
