"""隐患与叫应: the ledger of hazards, gauges, the response to an official warning, who is moved."""
