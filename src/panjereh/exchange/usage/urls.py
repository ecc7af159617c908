from django.urls import path

from panjereh.exchange.usage import views

urlpatterns = [
    path("questions/", views.questions, name="questions"),
    path("questions/<uuid:pk>/", views.question, name="question"),
    path("open-questions/", views.open_questions, name="open-questions"),
    path("audit/", views.audit, name="audit"),
]
