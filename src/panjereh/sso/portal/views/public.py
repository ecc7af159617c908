"""The guide for everybody who builds a site, with the button and code to copy."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from panjereh.sso.account.rows import CLAIM_NAMES
from panjereh.sso.levels import levels
from panjereh.sso.portal.guide import recipe
from panjereh.sso.provider.claims import SCOPES

RECIPES = [
    ("django", _("Django, with mozilla-django-oidc"), ("settings.py", "sign_in.py", "urls.py")),
    ("panjereh", _("Django, with our own client"), ("panjereh_settings.py", "panjereh_urls.py")),
    ("node", _("Node, with openid-client"), ("site.mjs",)),
    ("python", _("Python without a framework, with Authlib"), ("site.py",)),
    ("apache", _("In front of a program that you cannot change, with Apache"), ("apache.conf",)),
]


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    context = {
        "issuer": settings.ISSUER,
        "button": [(name, recipe(name)) for name in ("button.html", "button.css")],
        "levels": levels(),
        "scopes": [
            (scope, [CLAIM_NAMES.get(claim, claim) for claim in claims])
            for scope, claims in SCOPES.items()
            if claims
        ],
        "recipes": [
            (anchor, title, [(name, recipe(name)) for name in names])
            for anchor, title, names in RECIPES
        ],
    }
    return render(request, "sso_portal/guide.html", context)
