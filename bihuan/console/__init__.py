"""Pages, API and live updates; a click becomes an act."""
