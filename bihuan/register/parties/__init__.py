"""Parties: persons, households, legal entities, estates and plots, once each."""
