"""Addresses of training."""

from django.urls import path

from training.views import classes, editing, enrolments, mine, panels

urlpatterns = [
    path("classes/", classes.ClassList.as_view(), name="class-list"),
    path("classes/new/", editing.NewClass.as_view(), name="class-new"),
    path("classes/<int:pk>/", classes.ClassPage.as_view(), name="class-detail"),
    path("classes/<int:pk>/people/", classes.ClassPeople.as_view(), name="class-people"),
    path("classes/<int:pk>/people/bulk/", enrolments.take_in_bulk, name="class-people-bulk"),
    path("classes/<int:pk>/targets/", classes.ClassTargetList.as_view(), name="class-targets"),
    path("classes/<int:pk>/targets/clear/", editing.clear_targets, name="class-targets-clear"),
    path("classes/<int:pk>/records/", classes.ClassRecords.as_view(), name="class-records"),
    path("classes/<int:pk>/take/", classes.take_on_class, name="class-take"),
    path("classes/<int:pk>/edit/", editing.EditClass.as_view(), name="class-edit"),
    path("classes/<int:pk>/extend/", editing.ExtendClass.as_view(), name="class-extend"),
    path("classes/<int:pk>/phases/", editing.EditPhases.as_view(), name="class-phases"),
    path("classes/<int:pk>/sessions/new/", editing.AddSession.as_view(), name="class-session-add"),
    path(
        "classes/<int:pk>/sessions/<int:session>/",
        editing.EditSession.as_view(),
        name="class-session-edit",
    ),
    path(
        "classes/<int:pk>/sessions/<int:session>/remove/",
        editing.remove_session,
        name="class-session-remove",
    ),
    path("classes/<int:pk>/enrol/", enrolments.Enrol.as_view(), name="class-enrol"),
    path("classes/<int:pk>/apply/", enrolments.Apply.as_view(), name="class-apply"),
    path("enrolments/<int:pk>/", enrolments.enrolment_page, name="enrolment-detail"),
    path("enrolments/<int:pk>/take/", enrolments.take_on_enrolment, name="enrolment-take"),
    path("training/", mine.my_training, name="my-training"),
    path("panels/cadre/<int:pk>/training/", panels.cadre_training, name="panel-cadre-training"),
]
