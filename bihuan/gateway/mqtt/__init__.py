"""MQTT systems, sans I/O: topics and payloads in, typed facts out; one file per system."""
