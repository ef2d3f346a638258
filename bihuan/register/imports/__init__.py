"""Spreadsheets in and out: read, mapped, checked, staged, published, exported."""
