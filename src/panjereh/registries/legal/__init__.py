"""Deeds organisation: legal persons, their status and who signs for them."""
