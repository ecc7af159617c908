from django.urls import path

from panjereh.exchange.approvals.views import drafts, group, member, office, register

urlpatterns = [
    # For everybody
    path("approvals/", register.register, name="register"),
    path("approvals/<int:pk>/", register.approval, name="approval"),
    path("approvals/<int:pk>.json", register.approval_json, name="approval-json"),
    path("approvals/<int:year>-<int:month>.json", register.month_json, name="approvals-json"),
    path("approvals/<int:year>-<int:month>.csv", register.month_csv, name="approvals-csv"),
    path("approvals/gazette/<int:number>.txt", register.gazette, name="gazette"),
    path(
        "approvals/contracts/<uuid:series>/<int:version>.json", register.contract, name="contract"
    ),
    path("approvals/sessions/", register.sessions, name="signed-sessions"),
    path("approvals/sessions/<int:number>/", register.minutes, name="minutes"),
    path("approvals/sessions/<int:number>.json", register.minutes_json, name="minutes-json"),
    path("approvals/keys", register.keys, name="secretariat-keys"),
    path("approvals/verify/", register.verify, name="verify-approval"),
    # For members
    path("member/requests/", member.overview, name="my-requests"),
    path("member/requests/new/", drafts.choose, name="new-request"),
    path("member/requests/new/<str:system>/<str:service>/", drafts.begin, name="begin-request"),
    path("member/requests/<int:pk>/", member.show, name="my-request"),
    path("member/requests/<int:pk>/write/<slug:step>/", drafts.write, name="write-request"),
    path("member/requests/<int:pk>/submit/", drafts.submit, name="submit-request"),
    path("member/requests/<int:pk>/answer/", member.answer, name="answer-request"),
    path("member/requests/<int:pk>/withdraw/", member.withdraw, name="withdraw-request"),
    path("member/requests/<int:pk>/try/", member.try_out, name="try-request"),
    path("member/requests/<int:pk>/sign/", member.sign, name="sign-request"),
    path("member/requests/<int:pk>/contract.json", member.contract_text, name="draft-contract"),
    path("member/grants/<uuid:series>/idle/", member.idle, name="idle-grant"),
    # For the secretariat
    path("secretariat/", office.inbox, name="secretariat"),
    path("secretariat/requests/<int:pk>/", office.decide, name="decide-request"),
    path("secretariat/requests/<int:pk>/draft/", office.draft_again, name="draft-again"),
    path("secretariat/sessions/new/", office.plan_session, name="plan-session"),
    path("secretariat/sessions/<int:number>/", office.session, name="session"),
    path(
        "secretariat/sessions/<int:number>/add/<slug:kind>/<int:pk>/",
        office.put_on_agenda,
        name="put-on-agenda",
    ),
    path("secretariat/sessions/<int:number>/hold/", office.hold_session, name="hold-session"),
    path("secretariat/sessions/<int:number>/sign/", office.sign_minutes, name="sign-minutes"),
    path("secretariat/idle/", office.idle_grants, name="idle-grants"),
    path("secretariat/agreements/", office.agreements, name="agreements"),
    path("secretariat/plans/", office.plans, name="plans"),
    # For the working group
    path("group/", group.group_sessions, name="group"),
    path("group/sessions/<int:number>/", group.agenda, name="agenda"),
    path("group/sessions/<int:number>/<int:order>/", group.decide_item, name="decide-item"),
]
