"""Who may sign in, which administrators there are, and which systems hold a key."""
