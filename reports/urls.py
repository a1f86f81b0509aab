"""Addresses of the reports app."""

from django.urls import path

from reports.views import (
    facts,
    forecast,
    pages,
    quality,
    queries,
    query_exports,
    query_targets,
    structure,
    unit_panel,
)

urlpatterns = [
    path("", pages.home, name="home"),
    path("reports/", pages.report_list, name="report-list"),
    path("reports/forecast/", forecast.forecast, name="forecast"),
    path("reports/forecast/count/", forecast.count, name="forecast-count"),
    path("reports/forecast/export/", forecast.export, name="forecast-export"),
    path("reports/forecast/people/", forecast.ForecastPeople.as_view(), name="forecast-people"),
    path("reports/forecast/reserve/", forecast.ForecastReserve.as_view(), name="forecast-reserve"),
    path("units/<int:pk>/structure/", unit_panel.unit_structure, name="unit-structure"),
    path("reports/structure/", structure.structure, name="structure"),
    path("reports/structure/count/", structure.count, name="structure-count"),
    path("reports/structure/export/", structure.export, name="structure-export"),
    path("reports/structure/people/", structure.StructurePeople.as_view(), name="structure-people"),
    path("reports/structure/posts/", structure.StructurePosts.as_view(), name="structure-posts"),
    path("reports/structure/units/", structure.StructureUnits.as_view(), name="structure-units"),
    path("reports/<int:pk>/", pages.report_detail, name="report-detail"),
    path("reports/<int:pk>/progress/", pages.report_progress, name="report-progress"),
    path("reports/<int:pk>/file/", pages.report_file, name="report-file"),
    path("reports/quality/", quality.quality_desk, name="quality-desk"),
    path("reports/quality/check/", quality.quality_check, name="quality-check"),
    path("reports/quality/check/<uuid:pk>/", quality.quality_job, name="quality-job"),
    path("reports/quality/<slug:rule>/", quality.QualityList.as_view(), name="quality-list"),
    path("reports/quality/<slug:rule>/remind/", quality.quality_remind, name="quality-remind"),
    path("reports/quality/<slug:rule>/waived/", quality.QualityWaived.as_view(), name="quality-waived"),
    path("reports/quality/findings/<int:pk>/waive/", quality.QualityWaive.as_view(), name="quality-waive"),
    path("reports/quality/waivers/<int:pk>/take-back/", quality.quality_take_back, name="quality-take-back"),
    path("reports/facts/", facts.fact_list, name="fact-list"),
    path("reports/queries/", queries.query_list, name="query-list"),
    path("reports/queries/new/", queries.query_new, name="query-new"),
    path("reports/queries/builder/", queries.query_builder, name="query-builder"),
    path("reports/queries/results/", queries.query_results, name="query-results"),
    path("reports/queries/count/", queries.query_count, name="query-count"),
    path("reports/queries/export/", query_exports.query_export, name="query-export"),
    path("reports/queries/export/<uuid:pk>/", query_exports.query_export_job, name="query-export-job"),
    path(
        "reports/queries/columns/<int:pk>/delete/", query_exports.columns_delete, name="query-columns-delete"
    ),
    path("reports/queries/<int:pk>/", queries.query_run, name="query-run"),
    path("reports/queries/<int:pk>/edit/", queries.query_edit, name="query-edit"),
    path("reports/queries/<int:pk>/targets/", query_targets.QueryTargets.as_view(), name="query-targets"),
    path("reports/queries/<int:pk>/delete/", queries.query_delete, name="query-delete"),
]
