"""`python mozilla_site.py <port>`: a site with mozilla-django-oidc, as its makers describe it."""

import os
import sys
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

INNER, PUBLIC = os.environ["OUTSIDE_INNER_ISSUER"], os.environ["OUTSIDE_ISSUER"]

settings.configure(
    SECRET_KEY=os.environ["OUTSIDE_SECRET_KEY"],
    ALLOWED_HOSTS=[".localhost"],
    ROOT_URLCONF=__name__,
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["OUTSIDE_DB"]}
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "mozilla_django_oidc",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    AUTHENTICATION_BACKENDS=[f"{__name__}.BySubject"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    LOGGING={
        "version": 1,
        "handlers": {"console": {"class": "logging.StreamHandler"}},
        "loggers": {"django.request": {"handlers": ["console"]}},
    },
    LOGIN_REDIRECT_URL="/me/",
    LOGOUT_REDIRECT_URL="/",
    OIDC_RP_CLIENT_ID=os.environ["OUTSIDE_CLIENT"],
    OIDC_RP_CLIENT_SECRET=os.environ["OUTSIDE_CLIENT_SECRET"],
    OIDC_RP_SCOPES="openid profile",
    OIDC_RP_SIGN_ALGO="ES256",
    OIDC_USE_PKCE=True,
    OIDC_TOKEN_USE_BASIC_AUTH=True,
    OIDC_OP_AUTHORIZATION_ENDPOINT=f"{PUBLIC}/oauth2/authorize",
    OIDC_OP_TOKEN_ENDPOINT=f"{INNER}/oauth2/token",
    OIDC_OP_USER_ENDPOINT=f"{INNER}/oauth2/userinfo",
    OIDC_OP_JWKS_ENDPOINT=f"{INNER}/oauth2/jwks",
)
django.setup()

from mozilla_django_oidc.auth import OIDCAuthenticationBackend  # noqa: E402 - needs the settings


class BySubject(OIDCAuthenticationBackend):  # type: ignore[misc]
    """People are known by `sub`; the library would look for an e-mail address."""

    def filter_users_by_claims(self, claims: dict[str, Any]) -> Any:
        return self.UserModel.objects.filter(username=claims["sub"])

    def verify_claims(self, claims: dict[str, Any]) -> bool:
        return "sub" in claims

    def create_user(self, claims: dict[str, Any]) -> Any:
        return self.UserModel.objects.create_user(claims["sub"], last_name=claims["family_name"])


def me(request: HttpRequest) -> JsonResponse:
    user: Any = request.user  # type: ignore[attr-defined]
    return JsonResponse({"name": user.last_name if user.is_authenticated else None})


urlpatterns = [path("me/", me), path("", me), path("oidc/", include("mozilla_django_oidc.urls"))]

if __name__ == "__main__":
    sys.modules["mozilla_site"] = sys.modules["__main__"]
    call_command("migrate", verbosity=0)
    site = ThreadedWSGIServer(("127.0.0.1", int(sys.argv[1])), WSGIRequestHandler)
    site.set_app(get_wsgi_application())
    sys.stdout.write("open\n")
    sys.stdout.flush()
    site.serve_forever()
