"""Addresses of the reports app."""

from django.urls import path

from reports.views import pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("reports/", pages.report_list, name="report-list"),
    path("reports/<int:pk>/", pages.report_detail, name="report-detail"),
    path("reports/<int:pk>/progress/", pages.report_progress, name="report-progress"),
    path("reports/<int:pk>/file/", pages.report_file, name="report-file"),
]
