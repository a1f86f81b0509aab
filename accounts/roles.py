"""The one table of roles: who may do what; a grant binds a role to a unit and everything below it."""

from dataclasses import dataclass, field

from django.db import models


class AccountClass(models.TextChoices):
    """Classes that keep the three administrators apart from each other and from all business."""

    SYSTEM = "system", "系统管理"
    SECURITY = "security", "安全管理"
    AUDIT = "audit", "审计"
    BUSINESS = "business", "业务"


@dataclass(frozen=True)
class Role:
    """A named set of capabilities that accounts of one class may hold at units of certain kinds."""

    code: str
    label: str
    account_class: AccountClass
    unit_kinds: tuple[str, ...]
    capabilities: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_bureau(self) -> bool:
        """Whether the role is one of the bureau's own, reaching the whole tree."""
        return self.unit_kinds == _BUREAU


_BUREAU = ("bureau",)

# Every capability with its wording; pages and the grant desk show these words.
CAPABILITIES: dict[str, str] = {
    "account.view": "查看账号",
    "account.manage": "建立、停用账号",
    "job.view_all": "查看后台任务",
    "grant.view": "查看授权",
    "grant.manage": "授予、收回权限",
    "audit.view": "查看审计记录",
    "admin.open": "进入后台管理",
    "unit.view": "查看单位",
    "unit.edit": "维护单位",
    "post.edit": "维护岗位",
    "cadre.view": "查看干部",
    "cadre.view_personal": "查看个人信息",
    "cadre.view_sensitive": "查看敏感信息",
    "cadre.edit": "维护干部信息",
    "roster.import": "导入名册",
    "roster.export": "导出名册",
    "program.manage": "维护培养项目",
    "call.view": "查看征集",
    "call.manage": "发起、管理征集",
    "nomination.view": "查看推荐",
    "nomination.file": "推荐申报",
    "nomination.inspect": "考察推荐",
    "nomination.list": "报送名单",
    "nomination.check": "资格核查",
    "nomination.decide": "研究决定",
    "nomination.override": "批准破格",
    "participation.view": "查看培养经历",
    "participation.place": "安排基地与岗位",
    "base.view": "查看基地",
    "base.manage": "维护基地",
    "appraisal.view": "查看鉴定",
    "class.view": "查看培训班",
    "class.manage": "举办、管理培训班",
    "enrolment.approve": "报名、同意报名",
    "round.view": "查看评价",
    "round.manage": "组织评价",
    "result.view": "查看评价结果",
    "report.annual": "生成年度报告",
    "selection.supervise": "监督选拔过程",
}

_SCHOOL_VIEW = {
    "unit.view",
    "cadre.view",
    "cadre.view_personal",
    "call.view",
    "nomination.view",
    "class.view",
}
_HR = {
    "admin.open", "unit.view", "unit.edit", "post.edit", "cadre.view", "cadre.view_personal",
    "cadre.view_sensitive", "cadre.edit", "roster.import", "roster.export", "program.manage", "call.view",
    "call.manage", "nomination.view", "nomination.check", "participation.view", "participation.place",
    "base.view", "base.manage", "appraisal.view", "report.annual", "class.view", "class.manage",
    "enrolment.approve", "round.view", "round.manage", "result.view",
}  # fmt: skip
_PARTY = {
    "unit.view", "cadre.view", "cadre.view_personal", "call.view", "nomination.view", "nomination.decide",
    "nomination.override", "participation.view", "base.view", "appraisal.view", "report.annual",
    "class.view", "round.view", "result.view",
}  # fmt: skip
_CENTRAL = _SCHOOL_VIEW | {
    "nomination.inspect", "nomination.list", "nomination.file", "participation.view", "appraisal.view",
    "report.annual", "roster.export", "enrolment.approve",
}  # fmt: skip
_PRINCIPAL = _SCHOOL_VIEW | {
    "nomination.file", "participation.view", "report.annual", "roster.export", "enrolment.approve",
}  # fmt: skip

_SCHOOLS = ("school", "training")
_ANY = ("bureau", "section", "central", "school", "training")

ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role("sysadmin", "系统管理员", AccountClass.SYSTEM, _BUREAU,
             frozenset({"account.view", "account.manage", "job.view_all"})),
        Role("secadmin", "安全管理员", AccountClass.SECURITY, _BUREAU,
             frozenset({"account.view", "grant.view", "grant.manage"})),
        Role("auditor", "审计员", AccountClass.AUDIT, _BUREAU, frozenset({"audit.view"})),
        Role("hr", "局人事", AccountClass.BUSINESS, _BUREAU, frozenset(_HR)),
        Role("party", "局党组", AccountClass.BUSINESS, _BUREAU, frozenset(_PARTY)),
        Role("central", "中心校", AccountClass.BUSINESS, ("central",), frozenset(_CENTRAL)),
        Role("principal", "学校", AccountClass.BUSINESS, _SCHOOLS, frozenset(_PRINCIPAL)),
        Role("discipline", "监督员", AccountClass.BUSINESS, _BUREAU, frozenset({"selection.supervise"})),
    )
}  # fmt: skip

ROLE_CHOICES = [(role.code, role.label) for role in ROLES.values()]


def roles_with(capability: str) -> list[str]:
    """Return the codes of the roles that carry a capability.

    Raises KeyError for a capability that no one has written into the table: a typo must not read as "nobody".
    """
    if capability not in CAPABILITIES:
        raise KeyError(f"unknown capability {capability}")
    return [role.code for role in ROLES.values() if capability in role.capabilities]
