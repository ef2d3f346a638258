"""Messages that scenarios send each day at a local time (`Scenario.notices`)."""
