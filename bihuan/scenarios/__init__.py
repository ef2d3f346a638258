"""One folder per system of the founding texts: declarations only."""
