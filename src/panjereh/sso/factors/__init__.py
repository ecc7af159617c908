"""Ways to sign in that a person may choose beside the SMS code: passkeys, an authenticator app,
recovery codes.

`webauthn.py`, `totp.py` and `recovery.py` each wrap one craft and know no table; the deeds are in
`actions.py` (what a person has) and `proving.py` (what a person shows at the door).
"""
