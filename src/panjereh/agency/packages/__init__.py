"""Service packages: read them, check them, publish them, keep every version."""
