"""The developers' desk of agencies: they connect their sites themselves (SSO-15, SSO-17).

A test client works at once; the one that everybody signs in with waits for the registrar, who
cuts what it is told to what the working group approved (SSO-08).
"""
