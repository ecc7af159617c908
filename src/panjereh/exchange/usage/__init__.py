"""Who looked at whose data: the looks, the questions of people about them, the searches of auditors
(PRV-01, PRV-02, NIX-39). The exchange knows it from its own records, for all providers at once."""
