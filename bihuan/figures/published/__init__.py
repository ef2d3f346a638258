"""What others published: from the press, a sheet or another system; never recomputed."""
