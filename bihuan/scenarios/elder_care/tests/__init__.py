"""Tests of elder care."""
