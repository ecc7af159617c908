from django.urls import path

from panjereh.exchange.monitoring import report_views, views
from panjereh.exchange.monitoring.open_data.views import open_data

urlpatterns = [
    path("monitoring/", views.overview, name="monitoring"),
    path("monitoring/services/<int:pk>/", views.service, name="monitoring-service"),
    path("monitoring/alerts/", views.alerts, name="alerts"),
    path("monitoring/reports/", report_views.reports, name="reports"),
    path("monitoring/reports/<int:pk>/<str:month>/", report_views.report, name="report"),
    path(
        "monitoring/reports/<int:pk>/<str:month>.<str:form>",
        report_views.report,
        name="report-file",
    ),
    path("monitoring/years/<int:number>/", report_views.year, name="year-report"),
    path("monitoring/years/<int:number>.pdf", report_views.year_pdf, name="year-document"),
    path("own-traffic/reports/", report_views.own_report, name="own-reports"),
    path("own-traffic/reports/<str:month>/", report_views.own_report, name="own-report"),
    path(
        "own-traffic/reports/<str:month>.<str:form>",
        report_views.own_report,
        name="own-report-file",
    ),
    path("own-traffic/", views.own, name="own-traffic"),
    path("own-traffic/services/<int:pk>/", views.own_service, name="own-traffic-service"),
    path("own-traffic/alerts/", views.own_alerts, name="own-alerts"),
    path("open-data/", open_data, name="open-data"),
    path("status/", views.status, name="status"),
]
