"""Iran Post (GNAF): the address behind a postal code."""
