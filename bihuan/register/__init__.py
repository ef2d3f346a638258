"""Who, where, what: areas, parties, posts, rosters, subjects, devices."""
