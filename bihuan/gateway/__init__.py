"""Bytes in: decoders that know no socket, and the servers that feed them."""
