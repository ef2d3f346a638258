"""Who works on a case: assigned, assisting, summoned, taking over; each with a receipt."""
