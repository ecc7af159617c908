from django.urls import path

from panjereh.sso.staff import views

urlpatterns = [path("acts/", views.book, name="staff-acts")]
