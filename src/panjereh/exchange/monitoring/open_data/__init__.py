"""Traffic as open data: monthly, with small counts left out so that nobody can compute them."""
