from django.urls import path, re_path

from panjereh.sso.ledger import views

urlpatterns = [
    path("account/releases/", views.ledger, name="releases"),
    re_path(r"^account/releases\.(?P<kind>csv|json)$", views.download, name="releases-file"),
]
