"""The exchange of work orders over the API."""
