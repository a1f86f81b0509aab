"""Addresses of the roster's pages."""

from django.urls import path

from cadres.views import (
    accounts,
    detail,
    exports,
    histories,
    imports,
    lists,
    merging,
    opening,
    people,
    posts,
    units,
    verbs,
)

urlpatterns = [
    path("cadres/", lists.CadreList.as_view(), name="cadre-list"),
    path("cadres/count/", lists.count_cadres, name="cadre-count"),
    path("cadres/pick/", lists.pick_cadre, name="cadre-pick"),
    path("cadres/new/", people.CadreCreate.as_view(), name="cadre-create"),
    path("cadres/import/", imports.ImportStart.as_view(), name="cadre-import"),
    path("cadres/import/template/", imports.import_template, name="cadre-import-template"),
    path("cadres/import/<int:pk>/", imports.import_detail, name="cadre-import-detail"),
    path("cadres/import/<int:pk>/progress/", imports.import_progress, name="cadre-import-progress"),
    path("cadres/import/<int:pk>/answer/", imports.import_answer, name="cadre-import-answer"),
    path("cadres/import/<int:pk>/confirm/", imports.import_confirm, name="cadre-import-confirm"),
    path("cadres/import/<int:pk>/discard/", imports.import_discard, name="cadre-import-discard"),
    path("cadres/import/<int:pk>/rejected/", imports.import_rejected, name="cadre-import-rejected"),
    path("cadres/export/", exports.CadreExport.as_view(), name="cadre-export"),
    path("cadres/export/<uuid:pk>/", exports.export_job, name="cadre-export-job"),
    path("cadres/accounts/", accounts.AccountCandidates.as_view(), name="cadre-accounts"),
    path("cadres/accounts/open/", accounts.open_accounts, name="cadre-accounts-open"),
    path("cadres/<int:pk>/", detail.CadreDetail.as_view(), name="cadre-detail"),
    path("cadres/mergers/", merging.MergeList.as_view(), name="cadre-mergers"),
    path("cadres/mergers/<int:pk>/undo/", merging.undo, name="cadre-merge-undo"),
    path("cadres/<int:pk>/merge/<int:other>/", merging.merge_two, name="cadre-merge"),
    path("cadres/<int:pk>/photo/", detail.photo, name="cadre-photo"),
    path("cadres/<int:pk>/identity/", opening.open_record, name="cadre-identity"),
    path("cadres/<int:pk>/edit/", people.CadreEdit.as_view(), name="cadre-edit"),
    path("cadres/<int:pk>/transfer/", people.CadreTransfer.as_view(), name="cadre-transfer"),
    path("cadres/<int:pk>/leave/", people.CadreLeave.as_view(), name="cadre-leave"),
    path("cadres/<int:pk>/return/", people.CadreReturn.as_view(), name="cadre-return"),
    path("cadres/<int:pk>/<slug:kind>/new/", histories.HistoryAdd.as_view(), name="history-add"),
    path(
        "cadres/<int:pk>/<slug:kind>/<int:record>/edit/", histories.HistoryEdit.as_view(), name="history-edit"
    ),
    path("cadres/<int:pk>/<slug:kind>/<int:record>/end/", histories.HistoryEnd.as_view(), name="history-end"),
    path(
        "cadres/<int:pk>/<slug:kind>/<int:record>/delete/",
        histories.HistoryDelete.as_view(),
        name="history-delete",
    ),
    path("cadres/<int:pk>/<slug:kind>/<int:record>/open/", opening.open_record, name="history-open"),
    path(
        "cadres/<int:pk>/<slug:kind>/<int:record>/reviews/new/", verbs.ReviewAdd.as_view(), name="review-add"
    ),
    path(
        "cadres/<int:pk>/<slug:kind>/<int:record>/reviews/<int:review>/open/",
        opening.open_record,
        name="review-open",
    ),
    path(
        "cadres/<int:pk>/<slug:kind>/<int:record>/reviews/<int:review>/delete/",
        verbs.ReviewDelete.as_view(),
        name="review-delete",
    ),
    path(
        "cadres/<int:pk>/oversight/<int:record>/follow-up/",
        verbs.FollowUp.as_view(),
        name="oversight-follow-up",
    ),
    path("cadres/<int:pk>/family/<int:record>/kin/", verbs.confirm_kin, name="kin-confirm"),
    path("cadres/<int:pk>/petition/submit/", verbs.PetitionSubmit.as_view(), name="petition-submit"),
    path(
        "cadres/<int:pk>/petition/<int:record>/answer/",
        verbs.PetitionAnswer.as_view(),
        name="petition-answer",
    ),
    path("cadres/mentors/pick/", verbs.pick_mentor, name="mentor-pick"),
    path("me/", detail.my_record, name="my-record"),
    path("units/<int:pk>/team/", posts.unit_team, name="unit-team"),
    path("units/<int:pk>/changes/", units.unit_changes, name="unit-changes"),
    path("units/<int:pk>/accounts/", units.unit_accounts, name="unit-accounts"),
    path("units/<int:pk>/merge/", units.UnitMerge.as_view(), name="unit-merge"),
    path("units/<int:pk>/split/", units.UnitSplit.as_view(), name="unit-split"),
    path("units/<int:pk>/close/", units.UnitClose.as_view(), name="unit-close"),
    path("units/<int:pk>/posts/new/", posts.PostCreate.as_view(), name="post-create"),
    path("posts/<int:pk>/edit/", posts.PostEdit.as_view(), name="post-edit"),
    path("posts/<int:pk>/close/", posts.PostClose.as_view(), name="post-close"),
]
