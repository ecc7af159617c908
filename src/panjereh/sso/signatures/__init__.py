"""Level 3: the person signs a challenge of ours with their own certificate (SSO-10, SSO-13)."""
