"""Pages of the small Django site. The recipe follows."""

from django.http import HttpResponse, JsonResponse
from django.urls import path


def home(request):
    user, session = request.user, request.session
    name = user.last_name if user.is_authenticated else None
    return JsonResponse({"name": name, "level": session.get("level", 0)})


def grow_old(request):
    """The site's session as it is a quarter of an hour later."""
    request.session["oidc_id_token_expiration"] = 0
    return HttpResponse("old")


urlpatterns = [path("", home), path("grow-old/", grow_old)]
