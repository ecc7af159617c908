"""Cases, processes, decisions: SpiffWorkflow moves the token, zen evaluates, nothing else does."""
