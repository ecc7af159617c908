"""Tokenised publications: who publishes tells each subscriber of changes of persons, in tokens that
only this subscriber can match, and only with persons it knows already (NIX-11, 12; PRV-16).

`tokens` and `files` are pure and shared by both sides; `publishing` is a Django app of the side
that publishes, `following` one of the side that subscribes. docs/feeds.md tells the whole.
"""
