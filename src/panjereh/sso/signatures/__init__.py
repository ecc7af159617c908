"""Level 3: the person signs a challenge of ours with a certificate of their own (SSO-10, SSO-13)."""
