"""What can be told, and under which name the world knows it.

A standard name is used where its event need not say what happened. Those of CAEP for a changed
level or credential must say which one, and 000 A4.2 (PRV-16) forbids just that.
"""

CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
RISC = "https://schemas.openid.net/secevent/risc/event-type/"
OURS = "urn:panjereh:event:"

SESSION_REVOKED = "session-revoked"
CONSENT_WITHDRAWN = "consent-withdrawn"
IDENTITY_CHANGED = "identity-changed"
ACCOUNT_DISABLED = "account-disabled"
ACCOUNT_ENABLED = "account-enabled"

KINDS = {
    SESSION_REVOKED: CAEP + "session-revoked",
    ACCOUNT_DISABLED: RISC + "account-disabled",
    ACCOUNT_ENABLED: RISC + "account-enabled",
    "account-purged": RISC + "account-purged",
    "identifier-changed": RISC + "identifier-changed",
    "identifier-recycled": RISC + "identifier-recycled",
    "assurance-level-change": OURS + "assurance-level-change",
    "credential-change": OURS + "credential-change",
    IDENTITY_CHANGED: OURS + IDENTITY_CHANGED,
    CONSENT_WITHDRAWN: OURS + CONSENT_WITHDRAWN,
}
