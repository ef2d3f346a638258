"""Typed rows of the scenarios' ledgers (台账): fields, acts, duties, routines, retention."""
