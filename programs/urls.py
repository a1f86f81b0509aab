"""Addresses of the nomination engine."""

from django.urls import path

from programs.views import (
    appraisals,
    bases,
    calls,
    decisions,
    nominating,
    nominations,
    panels,
    papers,
    participations,
)

urlpatterns = [
    path("calls/", calls.CallBoard.as_view(), name="call-list"),
    path("calls/new/", calls.NewCall.as_view(), name="call-new"),
    path("calls/<int:pk>/", calls.CallPage.as_view(), name="call-detail"),
    path("calls/<int:pk>/edit/", calls.EditCall.as_view(), name="call-edit"),
    path("calls/<int:pk>/extend/", calls.ExtendCall.as_view(), name="call-extend"),
    path("calls/<int:pk>/targets/clear/", calls.clear_call_targets, name="call-targets-clear"),
    path("calls/<int:pk>/take/", calls.take_on_call, name="call-take"),
    path("calls/<int:pk>/list/", calls.FileList.as_view(), name="call-file-list"),
    path("calls/<int:pk>/nominate/", nominating.Nominate.as_view(), name="nominate"),
    path("nominations/", nominations.NominationList.as_view(), name="nomination-list"),
    path("nominations/agenda/", decisions.Agenda.as_view(), name="agenda"),
    path("nominations/bulk/", nominations.take_in_bulk, name="nomination-bulk"),
    path("nominations/people/", nominating.nominee_picker, name="nominee-picker"),
    path("nominations/<int:pk>/", nominations.nomination_page, name="nomination-detail"),
    path("nominations/<int:pk>/edit/", nominating.EditNomination.as_view(), name="nomination-edit"),
    path("nominations/<int:pk>/take/", nominations.take_on_nomination, name="nomination-take"),
    path("nominations/<int:pk>/papers/", papers.add_paper, name="nomination-paper-add"),
    path("nominations/<int:pk>/papers/<int:paper>/", papers.paper_file, name="nomination-paper"),
    path(
        "nominations/<int:pk>/papers/<int:paper>/remove/",
        papers.remove_paper,
        name="nomination-paper-remove",
    ),
    path("participations/", participations.ParticipationList.as_view(), name="participation-list"),
    path("participations/people/", participations.person_picker, name="person-picker"),
    path("participations/<int:pk>/", participations.participation_page, name="participation-detail"),
    path("participations/<int:pk>/place/", participations.Place.as_view(), name="participation-place"),
    path(
        "participations/<int:pk>/rearrange/",
        participations.Rearrange.as_view(),
        name="participation-rearrange",
    ),
    path("participations/<int:pk>/take/", participations.take_on_participation, name="participation-take"),
    path("bases/", bases.BaseList.as_view(), name="base-list"),
    path("bases/new/", bases.NewBase.as_view(), name="base-new"),
    path("bases/<int:pk>/", bases.EditBase.as_view(), name="base-edit"),
    path("appraisals/<int:pk>/", appraisals.WriteAppraisal.as_view(), name="appraisal-write"),
    path("appraisals/<int:pk>/return/", appraisals.return_appraisal, name="appraisal-return"),
    path("panels/cadre/<int:pk>/programs/", panels.cadre_programs, name="panel-cadre-programs"),
]
