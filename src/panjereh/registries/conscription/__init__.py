"""Law Enforcement: military service, completed, exempt, owed."""
