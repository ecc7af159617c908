"""What the sign-on tells the other floors. It listens to nothing yet."""

PERSON_REGISTERED = "sso.person.registered"
