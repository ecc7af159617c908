"""How many are registered, at which level, and through which doors they come (SSO-26, SSO-28).

What each number means is said in `definitions`; the page shows those words.
"""
