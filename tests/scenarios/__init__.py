"""Each scenario, played."""
