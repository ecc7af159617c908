"""Judiciary: is a certificate of no criminal record authentic? Yes or no, never a record."""
