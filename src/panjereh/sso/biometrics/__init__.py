"""Level 2: the person's face agrees with the portrait in the civil registry (SSO-10)."""
