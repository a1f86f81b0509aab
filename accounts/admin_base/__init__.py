"""The base of the bureau's admin tables: rows in scope, versions, exports, imports of plain configuration."""

from accounts.admin_base.exporting import SafeResource
from accounts.admin_base.filters import whether
from accounts.admin_base.importing import ImportingAdmin
from accounts.admin_base.inlines import DecisionInline, ReadOnlyInline, decisions
from accounts.admin_base.resources import ConfigResource
from accounts.admin_base.tables import BureauAdmin, report_each

__all__ = [
    "BureauAdmin",
    "ConfigResource",
    "DecisionInline",
    "ImportingAdmin",
    "ReadOnlyInline",
    "SafeResource",
    "decisions",
    "report_each",
    "whether",
]
