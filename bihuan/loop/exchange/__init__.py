"""Work orders to and from other platforms (12345, 141, city management): nothing typed twice."""
