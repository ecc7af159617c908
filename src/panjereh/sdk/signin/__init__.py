"""«ورود از طریق دولت من» for any Django site: national windows, agencies, third parties.

    INSTALLED_APPS += ["panjereh.sdk.signin"]
    MIDDLEWARE += ["panjereh.sdk.signin.middleware.CurrentPerson"]
    SIGNIN = {"issuer": …, "client_id": …, "client_secret_file": …}
    path("signin/", include("panjereh.sdk.signin.urls"))

    @signed_in
    def my_page(request): request.person.given_name

A site with a Content-Security-Policy allows the issuer in `form-action`: signing out is a form
that leads there. `/signin/login?next=…&register` begins with a registration.

Security events of the sign-on come to `/signin/security-events` and end sessions here.
`identity_changed` names a function of the site, called with the person and an `IdentityNews` when
identity data changed.

`inner_issuer` may name another address for the calls from server to server, `algorithms` the
signatures that are accepted (ES256 unless said otherwise).
"""

from panjereh.sdk.signin.decorators import not_for_another, own_matters, signed_in
from panjereh.sdk.signin.person import Acting, Person, renew_person

__all__ = [
    "Acting",
    "Person",
    "not_for_another",
    "own_matters",
    "renew_person",
    "signed_in",
]
