"""Consents: for which purpose, given by whom, from when, withdrawn when."""
