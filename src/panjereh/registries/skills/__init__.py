"""Technical and Vocational Training Organisation: certificates of skill."""
