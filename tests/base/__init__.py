"""The base: the working-day calendar and the clocks that count by it."""
