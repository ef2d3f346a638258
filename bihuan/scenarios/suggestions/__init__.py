"""协商建议办理: suggestions, leaders' instructions and meeting decisions, answered and followed."""
