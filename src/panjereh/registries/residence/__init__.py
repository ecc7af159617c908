"""Where a person legally lives (002 art 16): the postal code, kept by civil registration."""
