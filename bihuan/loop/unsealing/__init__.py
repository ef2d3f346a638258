"""Unsealing (启封): who a sealed whistle-blower is, told to two persons, with a reason, logged."""
