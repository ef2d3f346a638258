"""CCP智控: central kitchens, from the probe in the pot to the plate in the school."""
