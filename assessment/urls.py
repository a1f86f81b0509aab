"""Addresses of assessment."""

from django.urls import path

from assessment.views import ballots, instruments, own_results, results, rounds, rounds_people

urlpatterns = [
    path("instruments/", instruments.InstrumentList.as_view(), name="instrument-list"),
    path("instruments/new/", instruments.NewInstrument.as_view(), name="instrument-new"),
    path("instruments/<int:pk>/", instruments.InstrumentPage.as_view(), name="instrument-detail"),
    path("instruments/<int:pk>/edit/", instruments.EditInstrument.as_view(), name="instrument-edit"),
    path("instruments/<int:pk>/take/", instruments.take_on_instrument, name="instrument-take"),
    path("instruments/<int:pk>/copy/", instruments.copy_instrument, name="instrument-copy"),
    path("rounds/", rounds.RoundList.as_view(), name="round-list"),
    path("rounds/new/", rounds.NewRound.as_view(), name="round-new"),
    path("rounds/people/", rounds_people.pick_rater, name="rater-pick"),
    path("rounds/<int:pk>/", rounds_people.RoundSubjects.as_view(), name="round-detail"),
    path("rounds/<int:pk>/edit/", rounds.EditRound.as_view(), name="round-edit"),
    path("rounds/<int:pk>/take/", rounds.take_on_round, name="round-take"),
    path("rounds/<int:pk>/extend/", rounds.ExtendRound.as_view(), name="round-extend"),
    path("rounds/<int:pk>/relations/", rounds_people.RoundRelations.as_view(), name="round-relations"),
    path("rounds/<int:pk>/subjects/add/", rounds_people.add_subject, name="round-subject-add"),
    path("rounds/<int:pk>/subjects/clear/", rounds_people.clear_subjects, name="round-subjects-clear"),
    path(
        "rounds/<int:pk>/subjects/<int:subject>/remove/",
        rounds_people.remove_subject,
        name="round-subject-remove",
    ),
    path("rounds/<int:pk>/raters/", rounds_people.RoundRaters.as_view(), name="round-raters"),
    path("rounds/<int:pk>/raters/propose/", rounds_people.invite_proposed, name="round-raters-propose"),
    path(
        "rounds/<int:pk>/raters/<int:subject>/",
        rounds_people.SubjectRaters.as_view(),
        name="round-subject-raters",
    ),
    path("rounds/<int:pk>/raters/<int:subject>/add/", rounds_people.invite_rater, name="round-rater-add"),
    path(
        "rounds/<int:pk>/raters/<int:subject>/<int:invitation>/remove/",
        rounds_people.remove_rater,
        name="round-rater-remove",
    ),
    path("rounds/<int:pk>/progress/", rounds_people.RoundProgress.as_view(), name="round-progress"),
    path("rounds/<int:pk>/results/", results.RoundResults.as_view(), name="round-results"),
    path("rounds/<int:pk>/results/export/", results.ResultsExport.as_view(), name="round-results-export"),
    path("rounds/<int:pk>/results/<int:subject>/", results.RoundResult.as_view(), name="round-result"),
    path(
        "rounds/<int:pk>/results/<int:subject>/comments/",
        results.result_comments,
        name="round-result-comments",
    ),
    path("rounds/<int:pk>/history/", rounds.RoundHistory.as_view(), name="round-history"),
    path("ballots/", ballots.BallotList.as_view(), name="ballot-list"),
    path("ballots/<int:pk>/", ballots.BallotPage.as_view(), name="ballot"),
    path("ballots/<int:pk>/receipt/", ballots.BallotReceipt.as_view(), name="ballot-receipt"),
    path("results/", own_results.OwnResults.as_view(), name="own-result-list"),
    path("results/<int:pk>/", own_results.own_result, name="own-result"),
    path("results/<int:pk>/confirm/", own_results.confirm_result, name="own-result-confirm"),
    path("panels/cadre/<int:pk>/results/", own_results.cadre_results, name="panel-cadre-results"),
]
