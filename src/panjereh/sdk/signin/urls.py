from django.urls import path

from panjereh.sdk.signin import event_views, form_views, views

app_name = "signin"
urlpatterns = [
    path("login", views.login, name="login"),
    path("access", views.access, name="access"),
    path("callback", views.callback, name="callback"),
    path("form/<str:key>", form_views.kept_form, name="kept-form"),
    path("expired", views.expired, name="expired"),
    path("logout", views.logout, name="logout"),
    path("signed-out", views.signed_out, name="signed-out"),
    path("security-events", event_views.security_event, name="security-events"),
    path("back-channel-logout", views.back_channel_logout, name="back-channel-logout"),
]
