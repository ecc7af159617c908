from django.urls import path

from panjereh.sso.factors.views import counter, login, manage

urlpatterns = [
    path("login/<uuid:journey_id>/passkey/", login.passkey, name="login-passkey"),
    path("login/<uuid:journey_id>/app/", login.app, name="login-app"),
    path("login/<uuid:journey_id>/recovery/", login.recovery, name="login-recovery"),
    path("login/<uuid:journey_id>/second/", login.second, name="login-second"),
    path("account/ways/", manage.ways, name="ways"),
    path("account/ways/keep/", counter.stop, name="stop-reset"),
    path("staff/ways/", counter.reset, name="staff-reset-ways"),
    path("account/ways/passkeys/add/", manage.add_passkey, name="add-passkey"),
    path("account/ways/passkeys/<uuid:passkey_id>/", manage.rename_passkey, name="rename-passkey"),
    path(
        "account/ways/passkeys/<uuid:passkey_id>/remove/",
        manage.remove_passkey,
        name="remove-passkey",
    ),
    path("account/ways/app/add/", manage.add_app, name="add-app"),
    path("account/ways/app/remove/", manage.remove_app, name="remove-app"),
    path("account/ways/recovery/", manage.recovery, name="make-recovery-codes"),
    path("account/ways/sms/", manage.sms_alone, name="sms-alone"),
]
