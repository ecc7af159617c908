"""Security events: sites that know a person are told that something happened, never what.

They go out as signed tokens (RFC 8417), pushed to a site's address (RFC 8935) or left for it to
collect (RFC 8936).
"""
