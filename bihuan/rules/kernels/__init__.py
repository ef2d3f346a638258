"""The inner loops of the rules: compiled, without clock or I/O, rarely edited."""
