"""Who works for the sign-on, in which office, and the book in which each of their deeds stands."""
