"""Settings, URLs and commands: the only place that knows everything."""
