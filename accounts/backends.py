"""Authentication by user name, whatever the case typed; Django's model permissions don't exist here."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest


class CapabilityBackend(BaseBackend):
    """Checks name and password of an enabled account; rights come from grants alone (accounts/scope.py)."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return the account, or None; a name that doesn't exist costs as much time as a wrong password."""
        users = get_user_model()
        if not username or not password:
            return None
        user = users.objects.filter(username=username.strip().lower()).first()
        if user is None:
            users().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> Any:
        """Return the account of a session; None once it is disabled, which ends the session."""
        return get_user_model().objects.filter(pk=user_id, is_active=True).first()
