"""系统设置: channels, the monthly test, calendar, heads, backups: for the system administrator."""
