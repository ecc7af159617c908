"""`/<system>/<service>` and `/<system>/openapi.json`, as the exchange's directory names them."""

from django.urls import path

from panjereh.registries.civil.api import api as civil
from panjereh.registries.conscription.api import api as conscription
from panjereh.registries.education.api import api as education
from panjereh.registries.foreigners.api import api as foreigners
from panjereh.registries.health.api import api as health_registry
from panjereh.registries.insurance.api import api as insurance
from panjereh.registries.judiciary.api import api as judiciary
from panjereh.registries.legal.api import api as legal
from panjereh.registries.postal.api import api as postal
from panjereh.registries.privatisation.api import api as privatisation
from panjereh.registries.residence.api import api as residence
from panjereh.registries.skills.api import api as skills
from panjereh.registries.telecom.api import api as telecom
from panjereh.ui.health import health

urlpatterns = [
    path("health", health),
    path("civil-registry/", civil.urls),
    path("health-registry/", health_registry.urls),
    path("shahkar/", telecom.urls),
    path("postal-registry/", postal.urls),
    path("legal-persons-registry/", legal.urls),
    path("privatisation/", privatisation.urls),
    path("foreigners-registry/", foreigners.urls),
    path("residence-registry/", residence.urls),
    path("skill-certificates/", skills.urls),
    path("judicial-certificates/", judiciary.urls),
    path("higher-education/", education.urls),
    path("conscription/", conscription.urls),
    path("social-insurance/", insurance.urls),
]
