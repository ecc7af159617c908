"""Drafts: what a person has answered and what was fetched for it, before it is submitted."""
