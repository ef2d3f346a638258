"""Who may send over HTTP: keys of this installation, with scope and rate."""
