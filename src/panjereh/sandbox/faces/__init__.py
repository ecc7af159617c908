"""Faces of the people nobody is: drawn from the number of the person, and compared for real."""
