from django.urls import path

from panjereh.sso.numbers import views
from panjereh.sso.numbers.open_data.views import open_numbers

urlpatterns = [
    path("open-data/numbers/", open_numbers, name="open-numbers"),
    path("staff/numbers/", views.numbers, name="numbers"),
    path("staff/numbers/sites.csv", views.doors_file, name="numbers-sites"),
]
