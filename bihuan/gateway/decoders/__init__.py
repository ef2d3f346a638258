"""One file per device protocol: bytes in, typed results and replies out; no socket, no clock."""
