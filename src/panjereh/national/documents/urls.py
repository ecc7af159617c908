from django.urls import path
from django.views.generic import RedirectView

from panjereh.national.documents import views

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="verify")),
    path("verify/", views.verify, name="verify"),
    path("d/<uuid:document_id>/", views.document, name="document"),
]
