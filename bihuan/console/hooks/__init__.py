"""Webhooks out: other systems are told of what happens to cases."""
