"""Panjereh (پنجره, window): a national smart-government platform."""

__version__ = "0.1.0"
