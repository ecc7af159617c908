"""A month of the sign-on's numbers for everybody, without a number that is about a few people."""
