"""Case facts become figures that open to what they counted."""
