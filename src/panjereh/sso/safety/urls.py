from django.urls import path

from panjereh.sso.safety.views import account, closing, desk, number

urlpatterns = [
    path("account/notices/", account.notices, name="notices"),
    path("account/browsers/<int:browser_id>/forget/", account.forget, name="forget-browser"),
    path("account/not-me/", account.not_me, name="not-me"),
    path("account/number/", number.ask, name="number"),
    path("account/number/cancel/", number.cancel, name="number-cancel"),
    path("account/number/<uuid:change_id>/", number.code, name="number-code"),
    path("account/close/", closing.close, name="close-account"),
    path("staff/reports/", desk.reports, name="staff-reports"),
    path("staff/reports/<uuid:report_id>/", desk.report, name="staff-report"),
    path("prove/<uuid:journey_id>/", number.prove, name="number-prove"),
]
