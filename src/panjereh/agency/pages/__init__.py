"""Pages of an agency's window: thin over the deeds."""
