"""Acting for another: who may, on what ground, and what it was used for (SSO-06, SSO-22, WIN-30).

Nobody acts for somebody who acts: an account is always a person's own, a mandate is always from
the represented directly, and both lie in the tables here or are read anew from a registry.
"""
