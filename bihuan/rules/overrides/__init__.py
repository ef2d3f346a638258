"""What people set in a rule's place: limits of one person, and a county's own figures."""
