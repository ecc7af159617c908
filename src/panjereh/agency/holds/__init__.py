"""Services that are held because the civil registry told that somebody's identity data changed, or
of a death; and how they resume (000 A4.1-3, SSO-24, NIX-13)."""
