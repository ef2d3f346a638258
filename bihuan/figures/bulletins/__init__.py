"""Bulletins: sentences whose numbers are bound to figures; edited, checked, issued, exported."""
