"""审计: the journal's tail, who looked at whom, erasures, and whether the chain is whole."""
