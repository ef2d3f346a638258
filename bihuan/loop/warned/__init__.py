"""Official warnings in the loop: the case that a duty officer decides, the lift that is offered."""
