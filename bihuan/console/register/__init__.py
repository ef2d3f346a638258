"""Pages and API of the register: subjects, records, devices, rosters, areas, parties."""
