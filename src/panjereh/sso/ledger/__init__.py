"""Who was told what about a person, when, what for and by which law (SSO-09, PRV-02, PRV-15)."""
