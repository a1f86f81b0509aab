"""The columns of a roster: the system's own headings, and every usual heading they are recognised by."""

from __future__ import annotations

from core.sheets.headers import Alias, Columns, Field

KEY = "name"


def _schooling(group: str, name: str) -> list[Field]:
    """The columns of one mode of education, alone or as sub-headings under their group."""
    groups = (f"{group}教育", group, f"{group}学历学位", f"{group}教育情况", f"{group}学历")
    school = ("毕业院校系及专业", "毕业院校及专业", "毕业院校", "毕业学校", "毕业院校系", "院校及专业", "学校及专业",
              "毕业院校专业", "毕业学校及专业", "毕业院校与专业", "院校系及专业")  # fmt: skip
    both = ("学历学位", "学历及学位", "学历和学位", "学历、学位", "学位学历")

    def below(words: tuple[str, ...]) -> tuple[Alias, ...]:
        pairs: list[Alias] = [(one, word) for one in groups for word in words]
        return (*pairs, *(f"{group}{word}" for word in words))

    return [
        Field(f"{name}_both", f"{group}学历学位", below(both)),
        Field(f"{name}_level", f"{group}学历", below(("学历", "文化程度"))),
        Field(f"{name}_degree", f"{group}学位", below(("学位",))),
        Field(f"{name}_school", f"{group}毕业院校及专业", below(school)),
        Field(f"{name}_major", f"{group}专业", below(("专业", "所学专业"))),
    ]


ROSTER = Columns(
    [
        Field("unit", "单位", ("所在单位", "工作单位", "单位名称", "学校", "学校名称", "所在学校", "现工作单位",
                             "人事关系所在单位", "单位全称", "任职单位")),
        Field("name", "姓名", ("名字", "干部姓名", "教师姓名", "姓名全称"), required=True),
        Field("gender", "性别"),
        Field("ethnicity", "民族", ("民族族别",)),
        Field("native_place", "籍贯", ("籍贯省市", "籍贯省市县", "籍贯地")),
        Field("birth", "出生年月", ("出生日期", "生日", "出生年月日", "出生时间", "出生", "出生年月日期", "何时出生")),
        Field("id", "身份证号", ("身份证号码", "公民身份号码", "公民身份证号码", "证件号码", "证件号", "身份证",
                              "身份证件号码", "身份证件号", "公民身份证号",
                              "居民身份证号", "居民身份证号码", "身份号码")),
        Field("work", "参加工作时间", ("工作时间", "参工时间", "参加工作年月", "参加工作日期", "工作年月", "参加工作",
                                "参加工作年月日", "何时参加工作")),
        Field("party", "政治面貌", ("政治面目", "党派", "政治身份", "党派及政治面貌")),
        Field("party_join", "入党时间", ("入党年月", "入党日期", "加入中共时间", "入党时间党派", "入党团时间", "入党",
                                  "加入中国共产党时间", "何时入党")),
        *_schooling("全日制", "full"),
        *_schooling("在职", "service"),
        Field("post", "现任职务", ("职务", "行政职务", "现职务", "现任岗位", "担任职务", "任职情况", "现任行政职务",
                               "工作单位及职务", "现工作单位及职务", "单位及职务", "现任职务全称", "所任职务",
                               "党政职务", "现任党政职务", "现任岗位职务", "担任职务名称",
                               "现工作单位及职务全称")),
        Field("post_since", "任现职时间", ("任现职年月", "现职时间", "任职时间", "任现职务时间", "任现职日期",
                                     "现任职务时间", "任职年月", "任现岗位时间", "现任职时间", "现职任职时间", "任现职起始时间")),
        Field("category", "职务类别", ("职务层次类别", "岗位类别", "干部类别", "正副职")),
        Field("level_since", "任同级时间", ("任现职级时间", "任同级职务时间", "任现职务层次时间", "任同职级时间",
                                      "同级时间", "任现级时间", "级别时间", "任现职级年月")),
        Field("title", "职称", ("专业技术职务", "专业技术职称", "专业技术资格", "技术职称", "现职称", "职称等级",
                              "专业技术职务资格", "现任专业技术职务", "专业技术职务任职资格", "专技职务", "职称名称")),
        Field("rank", "职级", ("校长职级", "现职级", "行政级别", "级别")),
        Field("phone", "手机号码", ("手机", "手机号", "联系电话", "电话", "移动电话", "联系方式", "电话号码", "联系手机")),
        Field("note", "备注", ("备考", "说明", "其他说明")),
    ]
)  # fmt: skip

# Columns that say nothing the roster keeps, or what it computes itself: left out without a remark.
IGNORED = frozenset({"序号", "编号", "年龄", "no", "照片", "党龄", "工龄", "教龄", "序"})

# The headings of the system's own template and export, in their order, with the field behind each.
HEADINGS: dict[str, str] = {
    "unit": "单位",
    "name": "姓名",
    "gender": "性别",
    "ethnicity": "民族",
    "native_place": "籍贯",
    "birth": "出生年月",
    "id": "身份证号",
    "work": "参加工作时间",
    "party": "政治面貌",
    "party_join": "入党时间",
    "full_level": "全日制学历",
    "full_degree": "全日制学位",
    "full_school": "全日制毕业院校及专业",
    "service_level": "在职学历",
    "service_degree": "在职学位",
    "service_school": "在职毕业院校及专业",
    "post": "现任职务",
    "post_since": "任现职时间",
    "category": "职务类别",
    "title": "职称",
    "rank": "职级",
    "phone": "手机号码",
    "note": "备注",
}
# Columns an export may carry beside those of the template.
FURTHER: dict[str, str] = {"level_since": "任同级时间", "age": "年龄"}

HINTS: dict[str, str] = {
    "unit": "必填，写全称",
    "name": "必填",
    "gender": "男或女",
    "ethnicity": "如 汉族",
    "native_place": "如 浙江宁波",
    "birth": "格式：1976.05",
    "id": "文本格式，18 位",
    "work": "格式：1998.07",
    "party": "如 中共党员；民建会员",
    "party_join": "格式：2000.06",
    "full_level": "如 大学",
    "full_degree": "如 文学学士",
    "service_level": "如 研究生",
    "post": "两个职务用“、”隔开",
    "post_since": "格式：2017.08",
    "category": "正职、副职或中层",
    "title": "如 高级教师",
    "phone": "选填",
    "note": "选填",
}
