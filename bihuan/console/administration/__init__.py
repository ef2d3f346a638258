"""The three administrators at work: accounts, rights, audit."""
