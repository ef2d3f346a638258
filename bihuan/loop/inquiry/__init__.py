"""Inquiry (责任倒查): opened only after the person's own statement, by who may review."""
