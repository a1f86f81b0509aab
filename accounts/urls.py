"""Addresses of accounts and units; those above allauth's close doors that this system doesn't use."""

from django.urls import path

from accounts.views import audit, grants, jobs, own, units, users

urlpatterns = [
    path("accounts/activate/", own.Activation.as_view(), name="account_activate"),
    path("accounts/me/", own.MyAccount.as_view(), name="my_account"),
    path("accounts/signup/", own.to_activation, name="account_signup"),
    path("accounts/password/reset/", own.to_activation, name="account_reset_password"),
    path("accounts/email/", own.to_my_account, name="account_email"),
    path("accounts/users/", users.UserList.as_view(), name="user-list"),
    path("accounts/users/new/", users.UserCreate.as_view(), name="user-create"),
    path("accounts/users/pick/", users.pick_user, name="user-pick"),
    path("accounts/users/slips/", users.print_slips, name="user-slips"),
    path("accounts/users/<int:pk>/", users.UserDetail.as_view(), name="user-detail"),
    path("accounts/users/<int:pk>/edit/", users.UserEdit.as_view(), name="user-edit"),
    path("accounts/users/<int:pk>/take/", users.take_user, name="user-take"),
    path("accounts/grants/", grants.GrantList.as_view(), name="grant-list"),
    path("accounts/grants/new/", grants.GrantCreate.as_view(), name="grant-create"),
    path("accounts/grants/confirm/", grants.confirm_many, name="grant-confirm-many"),
    path("accounts/grants/<int:pk>/take/", grants.take_grant, name="grant-take"),
    path("accounts/audit/", audit.AuditList.as_view(), name="audit-list"),
    path("accounts/audit/verify/", audit.verify_trail, name="audit-verify"),
    path("accounts/audit/<int:pk>/", audit.audit_entry, name="audit-entry"),
    path("jobs/", jobs.JobList.as_view(), name="job-list"),
    path("units/", units.UnitList.as_view(), name="unit-list"),
    path("units/new/", units.UnitCreate.as_view(), name="unit-create"),
    path("units/pick/", units.pick_unit, name="unit-pick"),
    path("units/<int:pk>/", units.UnitDetail.as_view(), name="unit-detail"),
    path("units/<int:pk>/edit/", units.UnitEdit.as_view(), name="unit-edit"),
    path("units/<int:pk>/rename/", units.UnitRename.as_view(), name="unit-rename"),
    path("units/<int:pk>/move/", units.UnitMove.as_view(), name="unit-move"),
]
