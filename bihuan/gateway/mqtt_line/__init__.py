"""The gateway's line to an MQTT broker: what it hears is stored, and only then acknowledged."""
