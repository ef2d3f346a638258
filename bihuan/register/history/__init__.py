"""What changed, when, by whom; and how anything was on any date."""
