"""Which numbers have rung: a roster is good only where the phone has been heard lately."""
