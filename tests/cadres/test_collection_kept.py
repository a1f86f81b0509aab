"""Every cell of the national form goes out as it came: what has no home here is kept beside its record."""

import io

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from openpyxl import load_workbook

from cadres.collection.national import national_sheets
from cadres.models import Appointment, Cadre, Honour, Post, Rank
from cadres.models.collection import KeptCells
from cadres.services.appointments import delete_appointment
from cadres.services.collection_import.committing import commit
from cadres.services.histories import delete_history
from tests.cadres.collections_made import imported, previewed, rows, sentences
from tests.cadres.factories import identity, make_cadre
from tests.cadres.test_collection_national import exported, national, who

pytestmark = pytest.mark.django_db

CAREER = "1998.07--2005.08  示例区实验小学教师\n2005.08--         示例区第二中学副校长"
FULL = {
    "B01单位": [{
        "机构名称": "示例区第二中学", "机构简称": "二中", "机构编码": "N001.2", "所在政区": "示例区", "隶属关系": "区属", "机构级别": "正科级",
        "机构类别": "事业单位", "法人单位标识": "是", "行政编制数": "0", "事业编制数（参照）": "0", "事业编制数（非参照）": "120", "工勤编制数": "3",
        "其他编制数": "1", "参照公务员法管理审批时间": "200601", "参照公务员法管理审批文号": "示编〔2006〕1号", "内设机构领导职数": "8",
        "正职领导职数": "2", "副职领导职数": "3", "备注": "无", "同级排序号": "5",
    }],
    "A01人员": [who(
        性别="男", 出生年月="19760503", 籍贯="浙江宁波", 出生地="浙江杭州", 成长地="宁波", 民族="汉族", 健康状况="健康", 参加工作时间="199807",
        入党时间文字="2001.06；1999.05（民建）", 政治面貌="中国共产党党员", 入党时间="20010608", 第二党派="中国民主建国会会员", 第三党派="无",
        人员类别="事业单位管理人员", 人员管理状态="现职人员", 管理类别="区管干部", 熟悉专业有何特长="语文教学",
        现工作单位及职务全称="示例区第二中学党支部委员、副校长", 现工作单位及职务简称="二中副校长", 现职务层次="乡科级副职",
        任现职务层次时间="201001", 现职级="七级职员", 任现职级时间="201001", 专业技术职务="中学高级教师（2010）",
        是否具有两年以上基层工作经历="是", 统计关系所在单位="示例区第二中学", 简历=CAREER + "\n（说明：档案有涂改）", 奖惩综述="无",
        年度考核结果综述="近三年均为合格", 级别="22", 编制类型="事业", 专业技术类公务员任职资格="无", 公务员登记时间="200701", 备注="待核",
    )],
    "A02职务": [who(
        任职机构名称="示例区第二中学", 是否领导成员="是", 成员类别="副职", 职务名称="副校长", 是否领导职务="否", 职务排序="2", 集体内排序="3",
        任职时间="200508", 任职文号="教人〔2005〕8号", 选拔任用方式="委任", 是否破格提拔="否", 任职状态="在任", 职务输出标识="是", 主职务="是",
    ), who(
        任职机构名称="示例区实验小学", 是否领导职务="是", 职务名称="教导主任", 任职时间="200109", 免职时间="200508", 免职文号="教人〔2005〕9号",
        职务变动原因综述="调动", 任职状态="已免", 主职务="否", 集体内排序="0",
    )],
    "A05职务职级": [who(**{"类别（职务层次、职级标志）": "职级", "职务层次（职级）": "七级职员", "批准日期": "201001", "批准文号": "示人〔2010〕3号",
                      "状态": "在任"})],
    "A06专业技术": [who(专业技术资格代码="高级教师", 专业技术资格名称="中学高级教师", 获得资格日期="201012", 取得资格途径="评审",
                    评委会或考试名称="市中评委", 输出标识="是")],
    "A08学历学位": [who(学历名称="大学", 学历代码="大学本科毕业", 学位名称="文学学士", 学位代码="文学学士学位", 教育类别="全日制",
                    入学时间="199409", 学位授予时间="199807", 所学专业类别="文学", 学制年限="4", 输出标识="是",
                    **{"毕（肄）业时间": "199807", "学校（单位）名称": "某师范大学", "所学专业名称": "汉语言文学"})],
    "A14奖惩": [who(奖惩名称="优秀教师", 奖惩名称代码="0151", 批准日期="20100910", 批准机关="市教育局", 批准机关级别="市级",
                  受奖惩时职务层次="科员", 批准机关性质="行政机关"),
              who(奖惩名称="警告", 奖惩名称代码="02610", 批准日期="201505", 批准机关="区监委", 批准机关级别="县级", 批准机关性质="监察机关")],
    "A15考核": [who(考核结论="优秀", 考核年度="2024")],
    "A36家庭及社会关系": [who(家庭成员姓名="李小红", 称谓="妻子", 出生日期="197803", 政治面貌="群众", 工作单位及职务="某医院护士", 排序="1")],
    "A99Z1补充": [who(是否考录="否", 是否选调生="是", 进入选调生时间="199807")],
}  # fmt: skip
# What the system writes by its own names: the same thing in the words of the code tables.
SAME_THING = {
    ("学位代码", "文学学士学位"), ("学位名称", "文学学士"), ("批准机关级别", "县级"),
}  # fmt: skip


def cells(content, sheet):
    """The rows of a sheet by heading, empty cells away."""
    page = load_workbook(io.BytesIO(content))[sheet]
    headings = [cell.value for cell in page[2]]
    return [
        {name: str(cell.value) for name, cell in zip(headings, row, strict=True) if cell.value is not None}
        for row in page.iter_rows(min_row=3)
    ]


def lost(content):
    """The cells of the form that don't come out as they came in."""
    found = []
    for sheet, given in FULL.items():
        written = cells(content, sheet)
        for row in given:
            keys = ("姓名", "机构名称", "职务名称", "奖惩名称")
            twin = [one for one in written if all(one.get(k) == row[k] for k in keys if k in row)]
            assert len(twin) == 1, (sheet, row)
            found += [
                (sheet, name, text, twin[0].get(name))
                for name, text in row.items()
                if twin[0].get(name) != text
            ]
    return found  # fmt: skip


def test_every_column_of_the_form_is_tried():
    for spec in national_sheets():
        given = {name for row in FULL[spec.name] for name in row}
        missing = (
            {one.heading for one in spec.columns} - given - {"免职时间", "终止日期", "撤销日期", "录用时间"}
        )
        assert missing == set(), spec.name


def test_cell_by_cell_nothing_is_lost(roster):
    assert imported(national(**FULL), roster.bureau).summary["rejected"] == 0
    content = exported()
    assert [one for one in lost(content) if (one[1], one[2]) not in SAME_THING] == []
    again = previewed(national(**FULL), roster.bureau)
    assert [(row["sheet"], row["changes"]) for row in rows(again) if row["status"] != "unchanged"] == []
    again = previewed(content, roster.bureau)
    assert [(row["sheet"], row["changes"]) for row in rows(again) if row["status"] != "unchanged"] == []


def test_kept_cells_are_told_in_the_notes_and_lie_encrypted(roster):
    made = previewed(national(**FULL), roster.bureau)
    assert "按原文保存" in str(made.notes)
    assert "成长地" in str(made.notes)
    with transaction.atomic():
        commit(made.pk, by=None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM cadres_keptcells")
        assert all(content.startswith("v1.") for (content,) in cursor.fetchall())


def test_a_cell_that_differs_is_a_change_and_only_that(roster):
    imported(national(**FULL), roster.bureau)
    before = Honour.objects.get().updated_at
    changed = {**FULL, "A14奖惩": [{**FULL["A14奖惩"][0], "受奖惩时职务层次": "副科"}, FULL["A14奖惩"][1]]}
    changed["A01人员"] = [{**FULL["A01人员"][0], "成长地": "绍兴"}]
    changed["A99Z1补充"] = [{**FULL["A99Z1补充"][0], "是否考录": "是"}]
    changed["B01单位"] = [{**FULL["B01单位"][0], "工勤编制数": "4"}]
    made = previewed(national(**changed), roster.bureau)
    found = {row["sheet"]: row["changes"] for row in rows(made) if row["status"] != "unchanged"}
    assert found == {
        "A14奖惩": {"受奖惩时职务层次": ["科员", "副科"]}, "A01人员": {"成长地": ["宁波", "绍兴"]},
        "A99Z1补充": {"是否考录": ["否", "是"]}, "B01单位": {"工勤编制数": ["3", "4"]},
    }  # fmt: skip
    with transaction.atomic():
        commit(made.pk, by=None)
    assert Honour.objects.get().updated_at == before
    assert previewed(national(**changed), roster.bureau).summary["changed"] == 0
    assert cells(exported(), "A01人员")[0]["成长地"] == "绍兴"


def test_somebody_known_gets_the_cells_too(roster):
    make_cadre(roster.direct_school, "张三", id_number=FULL["A01人员"][0]["身份证号"])
    sheets = {"A99Z1补充": FULL["A99Z1补充"], "A02职务": FULL["A02职务"]}
    assert imported(national(**sheets), roster.bureau).summary["new"] == 3
    kept = KeptCells.objects.get(slug="supplement")
    assert (kept.cadre.name, kept.record) == ("张三", 0)
    assert cells(exported(), "A02职务")[0]["职务输出标识"] == "是"


def test_the_words_of_computed_columns_are_kept_of_somebody_known(roster):
    bare = {**FULL["A01人员"][0]}
    for name in ("简历", "奖惩综述", "年度考核结果综述", "现职务层次"):
        del bare[name]
    imported(national(**{**FULL, "A01人员": [bare]}), roster.bureau)
    # The same person, now with summaries in words of their own: nothing else is new.
    told = {"奖惩综述": "立功一次", "年度考核结果综述": "历年合格", "现职务层次": "副科"}
    file = national(A01人员=[{**bare, **told}])
    made = previewed(file, roster.bureau)
    (row,) = rows(made)
    assert (row["status"], set(row["changes"])) == ("changed", set(told))
    assert row["changes"]["年度考核结果综述"] == ["2024年优秀", "历年合格"]
    # What may speak of sanctions isn't staged in clear.
    assert "立功" not in str(list(made.records.values()))
    before = Cadre.objects.values("birthplace", "health", "name", "unit").get()
    with transaction.atomic():
        commit(made.pk, by=None)
    assert Cadre.objects.values("birthplace", "health", "name", "unit").get() == before
    again = previewed(file, roster.bureau)
    assert again.summary == {"new": 0, "changed": 0, "unchanged": 1, "ask": 0, "rejected": 0}
    out = exported()
    assert {name: cells(out, "A01人员")[0][name] for name in told} == told
    assert {row["status"] for row in rows(previewed(out, roster.bureau))} == {"unchanged"}


def test_computed_columns_follow_the_records_once_these_change(roster):
    imported(national(**FULL), roster.bureau)
    assert cells(exported(), "A01人员")[0]["奖惩综述"] == "无"
    Honour.objects.create(cadre=Cadre.objects.get(), name="教学能手")
    Rank.objects.all().delete()
    told = cells(exported(), "A01人员")[0]
    assert told["奖惩综述"] == "优秀教师；教学能手"
    assert "现职级" not in told
    assert told["简历"] == FULL["A01人员"][0]["简历"]


def test_cells_go_with_their_record_and_their_person(roster):
    imported(national(**FULL), roster.bureau)
    Appointment.objects.filter(title="副校长").delete()
    assert [row["职务名称"] for row in cells(exported(), "A02职务")] == ["教导主任"]
    assert KeptCells.objects.get(slug="appointment").appointment.title == "教导主任"
    Post.objects.all().delete()
    Cadre.objects.all().delete()
    assert {one.slug for one in KeptCells.objects.all()} == {"unit"}


def test_taking_out_a_row_takes_its_cells(roster, hr):
    imported(national(**FULL), roster.bureau)
    assert KeptCells.objects.filter(slug="honour").count() == 1
    delete_history(record=Honour.objects.get(), by=hr, reason="误登")
    assert not KeptCells.objects.filter(slug="honour").exists()
    delete_appointment(appointment=Appointment.objects.get(title="教导主任"), by=hr, reason="误登")
    assert KeptCells.objects.filter(slug="appointment").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"slug": "unit"}, {"slug": "honour", "cadre": True}, {"slug": "honour", "cadre": True, "rank": True},
        {"slug": "rank", "rank": True}, {"slug": "person", "cadre": True, "rank": True}, {"slug": "other", "cadre": True},
    ],
)  # fmt: skip
def test_cells_stand_beside_exactly_one_thing(roster, wrong):
    cadre = make_cadre(roster.direct_school, "张三")
    rank = Rank.objects.create(cadre=cadre, name="七级职员")
    known = {"slug": wrong["slug"], "cadre": cadre, "rank": rank}
    with pytest.raises(IntegrityError), transaction.atomic():
        KeptCells.objects.create(content="{}", **{name: known[name] for name in wrong})


def test_a_rank_that_is_over_needs_its_day(roster):
    sheets = {"A01人员": FULL["A01人员"], "A05职务职级": [{**FULL["A05职务职级"][0], "状态": "终止"}]}
    row = rows(previewed(national(**sheets), roster.bureau))[-1]
    assert (row["status"], "请填写终止日期" in sentences(row)) == ("rejected", True)


def test_two_supplements_of_one_person(roster):
    sheets = {"A01人员": FULL["A01人员"], "A99Z1补充": FULL["A99Z1补充"] * 2}
    found = [row for row in rows(previewed(national(**sheets), roster.bureau)) if "A99" in row["sheet"]]
    assert [row["status"] for row in found] == ["new", "rejected"]


def test_the_headcounts_of_a_unit_are_compared(roster):
    Post.objects.create(unit=roster.direct_school, title="校长", category="head", headcount=1)
    Post.objects.create(unit=roster.direct_school, title="副校长", category="deputy", headcount=3)
    row = rows(previewed(national(B01单位=FULL["B01单位"]), roster.bureau))[0]
    told = {one["column"]: one["message"] for one in row["problems"]}
    assert "文件中是 2，系统中是 1" in told["正职领导职数"]
    assert "文件中是 8，系统中是 没有填写" in told["内设机构领导职数"]
    assert "副职领导职数" not in told
    imported(national(B01单位=FULL["B01单位"]), roster.bureau)
    assert Post.objects.get(title="校长").headcount == 1


def test_the_statements_do_not_grow_with_what_is_kept(roster):
    from django.test.utils import CaptureQueriesContext

    def counted(number, mark):
        people = [
            {"姓名": f"{mark}人{n}", "身份证号": identity(), "统计关系所在单位": "示例区第二中学", "成长地": "宁波", "奖惩综述": "无"}
            for n in range(number)
        ]  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            outcome = imported(national(A01人员=people), roster.bureau)
        assert outcome.summary["new"] == number
        return len(queries)

    counted(3, "甲")
    assert counted(4, "乙") == counted(20, "丙")


def test_what_the_form_said_of_sanctions_is_for_those_who_see_them_and_never_for_oneself(roster, hr):
    """奖惩综述 goes out in the form's words, and those may tell of a sanction."""
    said = "2015年5月因违规受警告处分"
    given = {**FULL, "A01人员": [{**FULL["A01人员"][0], "奖惩综述": said}]}
    assert imported(national(**given), roster.bureau).summary["rejected"] == 0
    words = {
        name: cells(exported(by=by), "A01人员")[0]["奖惩综述"] for name, by in (("all", None), ("hr", hr))
    }
    assert words == {"all": said, "hr": said}
    Cadre.objects.update(user=hr)
    assert said not in str(cells(exported(by=hr), "A01人员"))


def test_the_migration_finds_the_rows_by_their_numbers(roster):
    """Cells whose row is gone go; the others stand beside it, and back again."""
    cadre = make_cadre(roster.direct_school, "张三")
    rank = Rank.objects.create(cadre=cadre, name="七级职员")
    beside = KeptCells.objects.create(cadre=cadre, slug="rank", rank=rank, content="{}")
    own = KeptCells.objects.create(cadre=cadre, slug="person", content="{}")

    def at(name):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        executor = MigrationExecutor(connection)
        executor.migrate([("cadres", name)])
        return executor.loader.project_state([("cadres", name)]).apps.get_model("cadres", "KeptCells")

    before = at("0015_seconded_appointments_by_person")
    assert dict(before.objects.values_list("pk", "record")) == {beside.pk: rank.pk, own.pk: 0}
    before.objects.create(cadre_id=cadre.pk, slug="rank", record=rank.pk + 1, content="{}")
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("cadres")[0][1]
    after = at(newest)
    assert dict(after.objects.values_list("pk", "rank_id")) == {beside.pk: rank.pk, own.pk: None}


def test_what_was_kept_of_sanctions_is_not_written_over_by_who_cannot_see_it(roster, hr):
    said = "2015年5月因违规受警告处分"
    given = {"A01人员": [{**FULL["A01人员"][0], "奖惩综述": said}]}
    imported(national(**given), roster.bureau)
    Cadre.objects.update(user=hr)
    other = national(A01人员=[{**given["A01人员"][0], "奖惩综述": "无", "成长地": "绍兴"}])
    made = previewed(other, roster.bureau, by=hr)
    assert [set(row["changes"]) for row in rows(made)][0] == {"成长地"}
    with transaction.atomic():
        commit(made.pk, by=hr)
    assert cells(exported(), "A01人员")[0]["奖惩综述"] == said
