"""How long rows are kept: the county's figures, the dry list, the run."""
