"""Pages as people meet them: who may open what, what a click does, and what it looks like."""
