"""Documents from outside, checked and read: CAP 1.2, FHIR R4 Observation, GBFS. Pure: no I/O."""
