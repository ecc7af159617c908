from django.urls import path

from panjereh.sso.events import views

urlpatterns = [
    path("staff/events/", views.receivers, name="event-receivers"),
    path("staff/events/<str:client_id>/stop/", views.remove, name="event-receiver-remove"),
]
