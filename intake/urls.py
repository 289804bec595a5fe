from django.urls import path

from intake import views

app_name = "intake"

urlpatterns = [
    path("contact/", views.contact, name="contact"),
    path("contact/sent/", views.contact_sent, name="contact_sent"),
    path("screening/", views.screening, name="screening"),
    path("screening/<int:step>/", views.step, name="step"),
    path("screening/save/", views.save, name="save"),
    path("screening/check/", views.check, name="check"),
    path("screening/done/", views.done, name="done"),
    path("screening/resume/<str:token>/", views.resume, name="resume"),
]
