from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.views.generic import RedirectView

from panjereh.sso.account import views as account
from panjereh.sso.consents import views as consents
from panjereh.sso.journeys.views import login, registration
from panjereh.sso.ledger import api as ledger_api
from panjereh.sso.provider import api
from panjereh.sso.provider import views as provider
from panjereh.ui.health import health

urlpatterns = [
    path("", RedirectView.as_view(url=f"/{settings.LANGUAGE_CODE}/")),
    path("health", health),
    path(".well-known/openid-configuration", provider.configuration),
    path("oauth2/authorize", provider.authorize),
    path("oauth2/token", api.token),
    path("oauth2/userinfo", api.userinfo),
    path("oauth2/par", api.pushed),
    path("oauth2/revoke", api.revoke),
    path("oauth2/jwks", provider.jwks),
    path("oauth2/logout", provider.logout),
    path("oauth2/releases", ledger_api.ledger),
    path("", include("panjereh.sso.numbers.open_data.urls")),
    path("", include("panjereh.sso.events.urls")),
    *i18n_patterns(
        path("", account.home, name="home"),
        path("login/", login.begin, name="begin-login"),
        path("login/<uuid:journey_id>/", login.national_id, name="login"),
        path("login/<uuid:journey_id>/code/", login.code, name="login-code"),
        path("login/<uuid:journey_id>/resend/", login.resend, name="login-resend"),
        path("continue/<uuid:journey_id>/", login.onward, name="continue"),
        path("", include("panjereh.sso.factors.urls")),
        path("", include("panjereh.sso.step_up.urls")),
        path("", include("panjereh.sso.biometrics.urls")),
        path("", include("panjereh.sso.acting.urls")),
        path("", include("panjereh.sso.people.urls")),
        path("", include("panjereh.sso.organisations.urls")),
        path("", include("panjereh.sso.signatures.urls")),
        path("consent/<uuid:journey_id>/", consents.consent, name="consent"),
        path("account/consents/<str:client_id>/", consents.withdraw, name="withdraw-consent"),
        path("register/", registration.begin, name="begin-registration"),
        path("register/<uuid:journey_id>/", registration.where, name="registration"),
        path("register/<uuid:journey_id>/code/", registration.code, name="registration-code"),
        path("register/<uuid:journey_id>/resend/", registration.resend, name="registration-resend"),
        path(
            "register/<uuid:journey_id>/check/", registration.stopped, name="registration-stopped"
        ),
        path(
            "register/<uuid:journey_id>/confirm/", registration.confirm, name="registration-confirm"
        ),
        path("register/<uuid:journey_id>/login/", registration.to_login, name="registration-login"),
        path(
            "register/<uuid:journey_id>/<slug:slug>/",
            registration.question,
            name="registration-step",
        ),
        path("", include("panjereh.sso.safety.urls")),
        path("account/", account.account, name="account"),
        path("", include("panjereh.sso.ledger.urls")),
        path("account/sessions/<uuid:session_id>/end/", account.end, name="end-session"),
        path("staff/", include("panjereh.sso.staff.urls")),
        path("", include("panjereh.sso.numbers.urls")),
        path("", include("panjereh.sso.events.page_urls")),
        path("", include("panjereh.sso.portal.urls")),
        path("sign-out/", account.sign_out, name="sign-out"),
        path("signed-out/", account.signed_out, name="signed-out"),
        prefix_default_language=True,
    ),
]
