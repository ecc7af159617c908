"""Legal persons: registered and led by their chief executive, as the registry says it today."""
