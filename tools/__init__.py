"""What a developer's machine needs and a county's does not: translations, test databases."""
