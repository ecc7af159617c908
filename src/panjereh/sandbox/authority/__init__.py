"""The sandbox's authority for certificates of persons, in the place of the nation's own.

It lies outside of every floor, as the real one does: the sign-on knows its root, asks it what has
been revoked, and nothing else. Its organisation carries the mark that production refuses.
"""
