"""Tests of the kitchen's folder."""
