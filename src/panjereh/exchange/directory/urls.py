"""Pages of the directory. `trial_urls` has no language: programs call it."""

from django.urls import path

from panjereh.exchange.directory.views import member, office, public, services, systems

_SYSTEM = "member/systems/<str:code>/"
_SERVICE = "member/systems/<str:system>/services/<str:code>/"

urlpatterns = [
    path("directory/", public.directory, name="directory"),
    path("directory/<str:member_class>/<str:code>/", public.member, name="directory-member"),
    path("catalogue/", public.catalogue, name="catalogue"),
    path("catalogue/<str:system>/<str:code>/", public.service, name="catalogue-service"),
    path("egif/", public.framework, name="egif"),
    path("members/new/", office.new_member, name="new-member"),
    path("members/<int:pk>/", office.member, name="operator-member"),
    path("members/<int:pk>/appoint/", office.appoint, name="operator-appoint"),
    path("members/<int:pk>/dismiss/<int:representative>/", office.dismiss, name="operator-dismiss"),
    path("gaps/", office.gaps, name="gaps"),
    path("member/", member.home, name="member-home"),
    path("member/contacts/", member.contacts, name="member-contacts"),
    path("member/representatives/", member.representatives, name="member-representatives"),
    path(
        "member/representatives/<int:pk>/withdraw/",
        member.withdraw,
        name="member-withdraw-representative",
    ),
    path("member/sub-members/", member.sub_members, name="member-sub-members"),
    path("member/sub-members/<int:pk>/leave/", member.leave, name="member-leave"),
    path("member/inquiries/", member.inquiries, name="member-inquiries"),
    path("member/inquiries/<int:pk>/match/", member.match, name="member-match"),
    path("member/side-connections/", member.side_connections, name="member-side-connections"),
    path(
        "member/side-connections/<int:pk>/", member.side_connection, name="member-side-connection"
    ),
    path(
        "member/endings/<int:pk>/<str:consumer>/",
        member.ask_extension,
        name="member-ask-extension",
    ),
    path("member/extensions/<int:pk>/", services.extension, name="member-extension"),
    path("member/systems/", systems.systems, name="member-systems"),
    path("member/systems/new/", systems.new_system, name="member-new-system"),
    path(_SYSTEM, systems.system, name="member-system"),
    path(f"{_SYSTEM}move/", systems.move, name="member-move"),
    path(f"{_SYSTEM}off/", systems.switch_off, name="member-system-off"),
    path(f"{_SYSTEM}on/", systems.switch_on, name="member-system-on"),
    path(f"{_SYSTEM}keys/<int:pk>/withdraw/", systems.withdraw_key, name="member-withdraw-key"),
    path(f"{_SYSTEM}provider-key/", systems.provider_key, name="member-provider-key"),
    path(f"{_SYSTEM}description/", systems.description, name="member-description"),
    path(f"{_SYSTEM}description/fetch/", systems.fetch, name="member-fetch"),
    path(f"{_SYSTEM}draft/", systems.draft, name="member-draft"),
    path(f"{_SYSTEM}draft/take/", systems.take_draft, name="member-take-draft"),
    path(f"{_SYSTEM}draft/discard/", systems.discard_draft, name="member-discard-draft"),
    path(_SERVICE, services.service, name="member-service"),
    path(f"{_SERVICE}off/", services.switch_off, name="member-service-off"),
    path(f"{_SERVICE}on/", services.switch_on, name="member-service-on"),
    path(f"{_SERVICE}examples/new/", services.new_example, name="member-new-example"),
    path(
        f"{_SERVICE}examples/<int:pk>/remove/",
        services.remove_example,
        name="member-remove-example",
    ),
    path(f"{_SERVICE}withdrawal/", services.withdrawal, name="member-withdrawal"),
    path(
        f"{_SERVICE}withdrawal/cancel/",
        services.cancel_withdrawal,
        name="member-cancel-withdrawal",
    ),
]

trial_urls = [
    path("try/<str:system>/<str:code>/", public.trial, name="try-service"),
    path("try/<str:system>/<str:code>/<path:path>", public.trial, name="try-endpoint"),
    path("catalogue.json", public.catalogue_json, name="catalogue-json"),
    path(
        "catalogue/<str:system>/<str:code>/openapi.json", public.openapi, name="catalogue-openapi"
    ),
    path("egif/<str:version>/<str:name>.json", public.framework_schema, name="egif-schema"),
    path("egif/vocabulary.json", public.framework_vocabulary, name="egif-vocabulary"),
    path("egif/rules.json", public.framework_rules, name="egif-rules"),
]
