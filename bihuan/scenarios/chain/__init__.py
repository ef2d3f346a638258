"""一链通: what firms appeal for, who helps them by name, passes, letters, and who stops when."""
