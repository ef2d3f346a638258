"""How far the core has come with each spool of an internet zone."""
