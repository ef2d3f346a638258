"""What was asked of devices, by whom, and what each device answered."""
