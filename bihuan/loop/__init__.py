"""Signals, findings and acts become cases: clocks, pursuits, deliveries, confirmation."""
