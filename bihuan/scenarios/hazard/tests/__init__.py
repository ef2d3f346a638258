"""隐患与叫应 / Hazards and call-out: tests from the written rules."""
