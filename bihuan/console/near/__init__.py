"""The page of a relative or of a firm's contact: a link of their own, and no account."""
