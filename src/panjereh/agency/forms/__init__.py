"""Forms of services: what is fetched, what is asked, and the pages they make."""
