"""Reporting a matter: by an official, by anybody without an account, by another system."""
