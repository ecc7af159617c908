"""Privatisation organisation: which enterprises are subject to, in, or after privatisation.

Its monthly list goes to those who may read it, and in tokens to the exchange, which answers some
inquiries only about enterprises that stand on it (approvals 26-2-1 and 26-2-2).
"""
