"""智慧养老: wristbands that call the family, the village and the town when an elder asks."""
