"""What core adds to the API: jobs, token log-in and log-out (config/urls.py puts them under /api/v1/)."""

from django.urls import path

from core.api.jobs import JobViewSet
from core.api.tokens import TokenLogoutView, TokenView

router_entries = [("jobs", JobViewSet)]
urlpatterns = [
    path("auth/token/", TokenView.as_view(), name="api-token"),
    path("auth/logout/", TokenLogoutView.as_view(), name="api-logout"),
]
