"""Pages without an account for who is close to a subject: a relative, a firm's own contact."""
