"""Where things are: the map of open cases and standing warnings, and the wall of a duty room."""
