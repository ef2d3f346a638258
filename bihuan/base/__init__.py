"""Time, units, ids, errors and the calendar. No Django, no I/O."""
