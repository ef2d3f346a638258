"""What scenarios show besides the common parts: panels, sheets to print, overviews."""
