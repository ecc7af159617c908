"""Who calls whom, how well and how fast: counted as records are kept, told to each party."""
