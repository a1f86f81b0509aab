"""The admin's own site class, so that its log-in and its order are the project's."""

from django.contrib.admin.apps import AdminConfig


class BureauAdminConfig(AdminConfig):
    """Replaces Django's default admin site with the bureau's (core/admin.py)."""

    default_site = "core.admin.BureauAdminSite"
