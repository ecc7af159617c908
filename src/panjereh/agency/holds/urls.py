from django.urls import path

from panjereh.agency.holds import pages

urlpatterns = [
    path("held/", pages.held, name="held"),
    path("staff/holds/", pages.staff_holds, name="staff-holds"),
    path("staff/holds/rules/", pages.rules, name="staff-hold-rules"),
    path("staff/holds/<int:hold_id>/", pages.staff_hold, name="staff-hold"),
]
