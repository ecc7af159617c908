"""Ministry of Science: last degree, and whether somebody is a student."""
