"""Tables of the sign-on. Secrets are never kept, only their digests.

Short-lived things whose loss means "begin again" are unlogged (migration 0002).
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

DIGEST = 64
FIDA_CODE = r"^[0-9]{12}$"
FORGOTTEN = "x"  # begins what stands in the place of the id of an erased account


class Person(models.Model):
    """Somebody who has registered, once in life (WIN-02). The key says nothing about the person.

    A child has no mobile of its own here until it comes of age (SSO-22).
    """

    class Kind(models.TextChoices):
        NATIONAL = "national"
        FIDA = "fida"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(
        max_length=10, choices=Kind, default=Kind.NATIONAL, db_default=Kind.NATIONAL
    )
    national_id = models.CharField(
        max_length=12, unique=True, help_text="or, of the kind fida, a foreigner's FIDA code"
    )
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    father_name = models.CharField(max_length=100, blank=True)
    birth_date = models.DateField()
    mobile = models.CharField(
        max_length=16, blank=True, help_text="E.164, the person's own by Shahkar"
    )
    mobile_confirmed_at = models.DateTimeField(null=True)
    registered_at = models.DateTimeField()
    registered_through = models.CharField(max_length=60, blank=True, help_text="client id")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["registered_through", "registered_at"], name="sso_person_entry")
        ]
        constraints = [
            # Never one kind in the place of the other: claims are told by it.
            models.CheckConstraint(
                condition=models.Q(kind="fida", national_id__regex=FIDA_CODE)
                | models.Q(kind="national") & ~models.Q(national_id__regex=FIDA_CODE)
                | models.Q(national_id__startswith=FORGOTTEN),
                name="sso_person_of_its_kind",
            )
        ]


class AttainedLevel(models.Model):
    """Since when a person can reach an assurance level, and how it was proved."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="levels")
    level = models.SmallIntegerField()
    proof = models.CharField(max_length=40)
    attained_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "level"], name="sso_level_once"),
        ]
        indexes = [models.Index(fields=["level", "attained_at"], name="sso_level_on_date")]


class RelyingParty(models.Model):
    """A site that signs people in with us, and what the working group granted it (SSO-08)."""

    client_id = models.CharField(max_length=60, primary_key=True)
    name = models.JSONField(help_text="by language")
    agency = models.CharField(max_length=60, help_text="sector of the pairwise subject")
    agency_name = models.JSONField(help_text="by language")
    stage = models.CharField(
        max_length=10,
        default="live",
        db_default="live",
        help_text="live, or test: only its own developers get in",
    )
    purpose = models.JSONField(default=dict, help_text="by language; why it reads the data")
    profile = models.CharField(
        max_length=10, default="standard", help_text="standard, or high: PAR, DPoP and a key"
    )
    secrets_sha256 = ArrayField(
        models.CharField(max_length=DIGEST), default=list, help_text="two while one is replaced"
    )
    jwks = models.JSONField(null=True, help_text="public keys of a client that signs assertions")
    redirect_uris = ArrayField(models.URLField(max_length=500))
    post_logout_redirect_uris = ArrayField(models.URLField(max_length=500), default=list)
    backchannel_logout_uri = models.URLField(max_length=500, blank=True)
    granted_claims = ArrayField(models.CharField(max_length=40), default=list)
    minimum_level = models.SmallIntegerField(default=1)
    id_token_alg = models.CharField(max_length=10, default="ES256")
    userinfo_alg = models.CharField(max_length=10, blank=True, help_text="empty: plain JSON")
    asks_consent = models.BooleanField(default=False, help_text="sites outside the government")
    session_minutes = models.SmallIntegerField(
        null=True, help_text="how long a session may rest while its service is used; SSO-18"
    )
    may_refresh = models.BooleanField(default=False, help_text="offline_access, until logout")
    representee_scopes = ArrayField(
        models.CharField(max_length=40),
        default=list,
        help_text="whether people may act for others there",
    )
    registered_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)


class Session(models.Model):
    """One person signed in on one browser. The id is the `sid` that clients know."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key_sha256 = models.CharField(max_length=DIGEST, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="sessions")
    level = models.SmallIntegerField()
    ways = ArrayField(models.CharField(max_length=20), help_text="in the order of their proof")
    proofs = models.JSONField(default=list, help_text="ways, when, good for which level")
    browser = models.CharField(max_length=80, help_text="shown to the person, like Firefox, Linux")
    started_at = models.DateTimeField()
    authenticated_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    rest_seconds = models.IntegerField(default=900, help_text="it ends after resting so long")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-started_at"], name="sso_session_person")]


class SignIn(models.Model):
    """A line of the person's sign-in history."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="sign_ins")
    session = models.UUIDField()
    client_id = models.CharField(max_length=60, blank=True)
    level = models.SmallIntegerField()
    way = models.CharField(max_length=20)
    browser = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["person", "-at"], name="sso_signin_person"),
            models.Index(fields=["client_id", "at"], name="sso_signin_entry"),
        ]


class KnownBrowser(models.Model):
    """A person has signed in on this browser before."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="browsers")
    browser_sha256 = models.CharField(max_length=DIGEST)
    name = models.CharField(
        max_length=80, blank=True, db_default="", help_text="like Firefox, Linux"
    )
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "browser_sha256"], name="sso_browser_once")
        ]
        indexes = [models.Index(fields=["browser_sha256"], name="sso_browser_people")]


class Grant(models.Model):
    """What one sign-in at one client gave, with the code it was handed over by.

    Spent by one statement; a second use of the code revokes it, and all tokens with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code_sha256 = models.CharField(max_length=DIGEST, unique=True)
    client_id = models.CharField(max_length=60)
    person = models.ForeignKey(Person, models.CASCADE, related_name="grants")
    session = models.ForeignKey(Session, models.CASCADE, related_name="grants")
    mandate_use = models.UUIDField(null=True, help_text="when the person acts for another")
    redirect_uri = models.URLField(max_length=500)
    scope = models.CharField(max_length=200)
    nonce = models.CharField(max_length=200, blank=True)
    code_challenge = models.CharField(max_length=128)
    dpop_jkt = models.CharField(max_length=43, blank=True, help_text="key the tokens are bound to")
    userinfo_claims = ArrayField(models.CharField(max_length=40), default=list)
    id_token_claims = ArrayField(models.CharField(max_length=40), default=list)
    verified_claims = ArrayField(models.CharField(max_length=40), default=list)
    level = models.SmallIntegerField()
    ways = ArrayField(models.CharField(max_length=20))
    authenticated_at = models.DateTimeField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["client_id", "issued_at"], name="sso_grant_entry"),
            models.Index(fields=["issued_at"], name="sso_grant_age"),
        ]


class Consent(models.Model):
    """A person agreed that a site is told something, for the purpose as it was shown (PRV-15)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="consents")
    client_id = models.CharField(max_length=60)
    claims = ArrayField(models.CharField(max_length=40))
    purpose = models.JSONField(default=dict, help_text="by language")
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "client_id"],
                condition=models.Q(ended_at=None),
                name="sso_consent_one_standing",
            )
        ]


class AccessToken(models.Model):
    token_sha256 = models.CharField(max_length=DIGEST, primary_key=True)
    grant = models.ForeignKey(Grant, models.CASCADE, related_name="access_tokens")
    expires_at = models.DateTimeField(db_index=True)


class RefreshToken(models.Model):
    """One link of a chain; using an old one again ends the whole grant (RFC 9700 4.14)."""

    token_sha256 = models.CharField(max_length=DIGEST, primary_key=True)
    grant = models.ForeignKey(Grant, models.CASCADE, related_name="refresh_tokens")
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)


class PushedRequest(models.Model):
    """An authorization request that its client left with us beforehand (RFC 9126)."""

    reference_sha256 = models.CharField(max_length=DIGEST, primary_key=True)
    client_id = models.CharField(max_length=60)
    request = models.TextField(help_text="form-encoded, as pushed")
    expires_at = models.DateTimeField(db_index=True)


class SeenToken(models.Model):
    """The `jti` of a client assertion or a DPoP proof, which is good once."""

    digest = models.CharField(max_length=DIGEST, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)


class Release(models.Model):
    """Which agency was told what about a person, when and what for (SSO-09, PRV-02)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="releases")
    client_id = models.CharField(max_length=60)
    agency = models.CharField(max_length=60)
    claims = ArrayField(models.CharField(max_length=40))
    session = models.UUIDField()
    grant = models.UUIDField()
    released_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-released_at"], name="sso_release_person")]


class LogoutNotice(models.Model):
    """A client has to be told that a session has ended; kept until it was."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client_id = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    session = models.UUIDField()
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    last_outcome = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="sso_logout_due",
                condition=models.Q(delivered_at=None, given_up_at=None),
            )
        ]


class Journey(models.Model):
    """One tab on its way through login or registration, bound to the browser it began in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    browser_sha256 = models.CharField(max_length=DIGEST)
    client_id = models.CharField(max_length=60, blank=True)
    request = models.TextField(blank=True, help_text="the client's authorization request")
    national_id = models.CharField(max_length=12, blank=True)
    birth_date = models.DateField(null=True)
    mobile = models.CharField(max_length=16, blank=True)
    identity = models.JSONField(null=True, help_text="answers that the registries agreed with")
    confirmed = models.JSONField(null=True, help_text="the identity whose code was given back")
    trouble = models.CharField(max_length=40, blank=True)
    began_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)


class OneTimeCode(models.Model):
    """The code on its way to a number; a new one replaces it."""

    name = models.CharField(max_length=60, primary_key=True, help_text="journey and purpose")
    digest = models.CharField(max_length=DIGEST)
    guesses = models.SmallIntegerField(default=0)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    spent_at = models.DateTimeField(null=True)


class Counter(models.Model):
    """How often something was tried in a window of time; the name holds no personal data."""

    name = models.CharField(max_length=160, primary_key=True)
    count = models.IntegerField()
    expires_at = models.DateTimeField(db_index=True)
