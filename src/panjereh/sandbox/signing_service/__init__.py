"""A trust service provider of the sandbox: it keeps people's keys and signs when they allow it.

In the shapes of the Cloud Signature Consortium's API v2, called over the exchange. In a country
these are companies of their own; the sign-on sees neither PIN nor key.
"""
