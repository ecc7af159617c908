from django.urls import path

from panjereh.sso.acting.views import choosing, counter, desk, mandates

urlpatterns = [
    path("on-whose-behalf/<uuid:journey_id>/", choosing.for_whom, name="on-whose-behalf"),
    path("on-whose-behalf/<uuid:journey_id>/citizen/", counter.citizen, name="counter-citizen"),
    path(
        "on-whose-behalf/<uuid:journey_id>/citizen/<uuid:mandate_id>/",
        counter.code,
        name="counter-code",
    ),
    path("account/acting/", mandates.overview, name="acting"),
    path("account/acting/give/", mandates.give, name="give-mandate"),
    path("account/acting/give/<uuid:organisation_id>/", mandates.give, name="give-company-mandate"),
    path("account/acting/<uuid:mandate_id>/code/", mandates.code, name="mandate-code"),
    path("account/acting/<uuid:mandate_id>/resend/", mandates.resend, name="mandate-resend"),
    path("account/acting/<uuid:mandate_id>/accept/", mandates.accept, name="accept-mandate"),
    path("account/acting/<uuid:mandate_id>/end/", mandates.end, name="end-mandate"),
    path("staff/clerks/", desk.clerks, name="staff-clerks"),
    path("staff/clerks/<uuid:clerk_id>/end/", desk.end, name="staff-end-clerk"),
]
