"""时限和工作日 / limits and working days: the county's own figures, with their source."""
