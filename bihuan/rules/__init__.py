"""Kinds of rule, their kernels and state, the live run and the backtest."""
