from panjereh.exchange.urls import urlpatterns as operator_pages
from panjereh.registries.urls import urlpatterns as registries

urlpatterns = [*registries, *operator_pages]
