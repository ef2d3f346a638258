"""Signing in: passwords, second steps, passkeys, sessions."""
