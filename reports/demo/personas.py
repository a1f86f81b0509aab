"""The demo's personas: who signs in, and what each is about to do."""

from __future__ import annotations

from dataclasses import dataclass

from core.demo_personas import Persona


@dataclass(frozen=True)
class Character:
    """A demo account: its role is granted at the unit of that key in the demo's tree (reports/demo/tree.py)."""

    username: str
    name: str
    label: str
    group: str
    icon: str
    about_to_do: str
    role: str = ""
    unit: str = "bureau"
    account_class: str = "business"


CHARACTERS: tuple[Character, ...] = (
    Character("hr", "何敏", "局人事", "教育局", "building", "核查名单、公布评价结果、核实档案更正、生成年度报告", "hr"),
    Character("party", "方志远", "局党组", "教育局", "gavel", "研究决定核查过的推荐", "party"),
    Character("central-east", "董建华", "东河镇中心校", "学校", "school", "考察本片推荐、报送名单，同意校长的培训报名", "central", "east"),
    Character("central-west", "席文彬", "西山镇中心校", "学校", "school", "查看本片推荐的办理情况", "central", "west"),
    Character("principal-east", "唐雅琴", "东河镇中心小学校长", "学校", "user", "推荐一名干部参加挂职学习，同意本校培训报名",
              "principal", "east-school"),
    Character("principal-west", "魏国强", "西山镇中心小学校长", "学校", "user", "补正被退回的推荐",
              "principal", "west-school"),
    Character("host", "韩静", "基地负责人", "挂职培养", "home", "撰写到期的书面鉴定"),
    Character("mentor", "孟凡", "指导人", "挂职培养", "users", "评估所带干部的培养计划，查看挂职干部"),
    Character("cadre", "苏晓晨", "挂职干部", "挂职培养", "id", "补充档案更正申请，查看挂职安排，报名培训班"),
    Character("expert", "严立本", "专家", "其他", "star", "实名评价三位副校长"),
    Character("rater", "任桂芳", "评价人", "其他", "star", "匿名评价三位副校长"),
    Character("discipline", "纪明", "监督员", "其他", "shield", "查看消息", "discipline"),
    Character("sysadmin", "石磊", "系统管理员", "管理", "settings", "建立账号、打印激活单", "sysadmin",
              account_class="system"),
    Character("secadmin", "安然", "安全管理员", "管理", "shield", "确认由任职产生的授权", "secadmin",
              account_class="security"),
    Character("auditor", "沈思源", "审计员", "管理", "search", "检索审计记录", "auditor", account_class="audit"),
)  # fmt: skip


def personas() -> list[Persona]:
    """Return the cards of the demo's sign-in page."""
    return [
        Persona(
            username=each.username,
            label=f"{each.label} · {each.name}",
            about_to_do=each.about_to_do,
            group=each.group,
            icon=each.icon,
        )
        for each in CHARACTERS
    ]
