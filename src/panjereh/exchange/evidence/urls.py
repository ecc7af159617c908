"""Mounted at /log/ of the operator's site, outside the languages: the addresses are a standard."""

from django.urls import path, re_path

from panjereh.exchange.evidence import views

_PLACE = r"(?P<place>(?:x\d{3}/){0,6}\d{3}(?:\.p/[1-9]\d{0,2})?)"

urlpatterns = [
    path("checkpoint", views.checkpoint, name="log-checkpoint"),
    re_path(rf"^tile/entries/{_PLACE}$", views.entries, name="log-entries"),
    re_path(rf"^tile/(?P<level>\d|[1-5]\d|6[0-3])/{_PLACE}$", views.tile, name="log-tile"),
    path("keys", views.keys, name="log-keys"),
    path("policy", views.policy, name="log-policy"),
    path("audit", views.audited, name="log-audit"),
    path("stamp/<int:size>.note", views.stamp_note, name="log-stamp-note"),
    path("stamp/<int:size>.tsr", views.stamp_response, name="log-stamp"),
    path("proof/<uuid:request_id>", views.proof, name="call-proof"),
    path("proof/<uuid:request_id>.tlog-proof", views.proof_text, name="call-proof-text"),
    path("proof/<uuid:request_id>.record", views.proof_record, name="call-proof-record"),
    path("proof/<uuid:request_id>.tsr", views.proof_stamp, name="call-proof-stamp"),
]
