from django.urls import path

from panjereh.exchange.monitoring import views

urlpatterns = [
    path("monitoring/", views.overview, name="monitoring"),
    path("monitoring/services/<int:pk>/", views.service, name="monitoring-service"),
    path("monitoring/alerts/", views.alerts, name="alerts"),
    path("own-traffic/", views.own, name="own-traffic"),
    path("own-traffic/services/<int:pk>/", views.own_service, name="own-traffic-service"),
    path("own-traffic/alerts/", views.own_alerts, name="own-alerts"),
    path("status/", views.status, name="status"),
]
