"""Official warnings: what came, in the issuer's words, and what became of each."""
