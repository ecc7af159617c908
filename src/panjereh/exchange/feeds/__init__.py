"""Publications: what is told to whom, how punctually, and lists that calls are checked against.

The publisher tokenises; this room holds counts, dates and digests of files, never an identifier.
"""
