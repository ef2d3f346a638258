"""Devices: given out and taken back, their SIM and calibration, whether they are heard."""
