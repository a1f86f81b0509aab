"""Addresses of the mechanisms."""

from django.urls import path

from core import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("inbox/", views.inbox_page, name="inbox"),
    path("inbox/read/", views.read_all, name="inbox-read-all"),
    path("inbox/<int:pk>/open/", views.open_message, name="inbox-open"),
    path("jobs/<uuid:pk>/", views.job_progress, name="job"),
    path("jobs/<uuid:pk>/file/", views.job_file, name="job-file"),
    path("jobs/<uuid:pk>/cancel/", views.job_cancel, name="job-cancel"),
]
