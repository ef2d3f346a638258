"""我的待办 and 站内消息: what waits for one person, and what was sent to that person's page."""
