"""How an answer travels back to the client: in the address, or in a form that is posted there."""

from urllib.parse import urlsplit

from authlib.common.urls import add_params_to_uri
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from panjereh.sso.provider.authorize import BackToClient


def to_client(request: HttpRequest, back: BackToClient) -> HttpResponse:
    if back.form_post:
        target = urlsplit(back.redirect_uri)
        request.form_target = f"{target.scheme}://{target.netloc}"  # type: ignore[attr-defined]
        return render(request, "sso/form_post.html", {"back": back})
    address = str(add_params_to_uri(back.redirect_uri, list(back.answer.items())))
    return HttpResponseRedirect(address, status=303)
