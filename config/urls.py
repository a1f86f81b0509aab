"""All addresses: pages per app, the admin, and one API router filled from every app's resources."""

from importlib import import_module

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

APPS = ("core", "accounts", "cadres", "training", "programs", "assessment", "reports")

router = SimpleRouter()
api_urls = []
for app in APPS:
    api = import_module(f"{app}.api")
    for prefix, viewset in api.router_entries:
        router.register(prefix, viewset, basename=f"api-{prefix}")
    api_urls += getattr(api, "urlpatterns", [])

urlpatterns = [
    path("", include("reports.urls")),
    path("", include("core.urls")),
    path("", include("accounts.urls")),
    path("", include("cadres.urls")),
    path("", include("training.urls")),
    path("", include("programs.urls")),
    path("", include("assessment.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    path("api/v1/", include([*api_urls, *router.urls])),
]

handler400 = "core.views.bad_request"
handler403 = "core.views.forbidden"
handler404 = "core.views.not_found"
handler500 = "core.views.server_error"
