"""Messages on their way: accounts, the outbox, what came of each, and what others tell of it."""
