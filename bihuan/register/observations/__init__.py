"""FHIR Observations as they came: the sealed originals beside the readings made of them."""
