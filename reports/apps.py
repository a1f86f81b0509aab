"""Application entry of reports."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Wires reports into Django."""

    name = "reports"
    verbose_name = "报表与首页"

    def ready(self) -> None:
        """Register the report's actions in the audit trail and its entry in the navigation."""
        from core import audit, demo_personas, inbox, navigation, panels
        from reports import tasks  # noqa: F401 - registers the kind of job in the web process too
        from reports.demo.personas import personas

        inbox.register_kind("quality", "数据质量")
        audit.register("report.requested", "申请年度报告")
        audit.register("report.built", "生成年度报告")
        audit.register("report.downloaded", "下载年度报告")
        navigation.register(navigation.Entry("首页", "home", "home", order=10))
        navigation.register(
            navigation.Entry("报表", "report", "report-list", capability="report.annual", order=60)
        )
        for label, icon, address in (
            ("查询", "user-search", "query-list"),
            ("指标", "list-details", "fact-list"),
        ):
            navigation.register(
                navigation.Entry(label, icon, address, capability="cadre.view", place="roster")
            )
        panels.register(
            panels.Panel("accounts.unit", "结构", "unit-structure", "cadre.view_personal", order=20)
        )
        demo_personas.register_provider(personas)
