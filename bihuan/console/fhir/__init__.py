"""Health readings out, as FHIR R4 Observations."""
