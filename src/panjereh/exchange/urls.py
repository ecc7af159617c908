from django.urls import path

from panjereh.ui.health import health

urlpatterns = [path("health", health)]
