"""Forms go out as the asker may see them: with a reason and an audit entry, or cut."""

import pytest
from django.core.management import CommandError, call_command

from cadres.models import Cadre, Honour, Oversight
from cadres.personnel_form.lrmx import read_lrmx
from cadres.personnel_form.mapping import forms_of
from cadres.services.form_import.exporting import (
    FormExport,
    check_form_export,
    export_form,
    file_names,
    forms_for,
)
from core.errors import Invalid, NotAllowed, NotFound
from core.files import store
from core.models import AuditEntry
from tests.cadres.factories import identity, make_appointment, make_cadre, month
from tests.cadres.forms_made import FULL, MESSY, jpeg
from tests.cadres.test_form_import import imported
from tests.factories import make_holder

pytestmark = pytest.mark.django_db
OPEN = FormExport(open_sensitive=True, reason="干部考察使用")
SECRETS = ("李 某", "310107197605031315", "健康<", "先进教育工作者")


@pytest.fixture
def zhang(roster):
    """张三 of the full form."""
    imported(roster.bureau, FULL)
    return Cadre.objects.get()


def texts(form):
    """All words of a form in one."""
    return " ".join([*form.texts.values(), *(" ".join(item.texts) for item in form.family)])


def test_hr_gets_everything_with_a_reason_and_an_entry(roster, zhang):
    hr = make_holder("hr", "何人事", "hr", roster.bureau)
    form = export_form(zhang, OPEN, by=hr)
    assert len(form.family) == 4
    assert form["ShenFenZheng"] == "310107197605031315"
    assert form.photo.startswith(b"\xff\xd8\xff")
    entry = AuditEntry.objects.get(action="form.export_open")
    assert (entry.note, entry.object_id, entry.actor_id) == ("干部考察使用", str(zhang.pk), hr.pk)
    with pytest.raises(Invalid):
        export_form(zhang, FormExport(open_sensitive=True, reason="看"), by=hr)


def test_without_the_reason_the_form_is_cut_for_everybody(roster, zhang):
    hr = make_holder("hr", "何人事", "hr", roster.bureau)
    form = export_form(zhang, FormExport(), by=hr)
    assert form.family == []
    assert form["ShenFenZheng"] == "3101********1315"
    assert form["JianKangZhuangKuang"] == form["JiangChengQingKuang"] == ""
    assert form["JianLi"].startswith("1994.09")
    assert AuditEntry.objects.filter(action="form.export").count() == 1


def test_a_school_gets_its_own_people_without_family_and_with_a_masked_number(roster, zhang):
    head = make_holder("head", "校长", "principal", roster.direct_school)
    form = export_form(zhang, FormExport(), by=head)
    assert not any(secret in texts(form) for secret in SECRETS)
    assert form["XianRenZhiWu"] == "示例区第二中学党支部书记、校长"
    with pytest.raises(NotAllowed):
        export_form(zhang, OPEN, by=head)
    with pytest.raises(NotAllowed):
        check_form_export(OPEN, by=head)
    other = make_holder("other", "校长", "principal", roster.school_east)
    with pytest.raises((NotFound, NotAllowed)):
        export_form(zhang, FormExport(), by=other)
    assert list(forms_for([zhang.pk], FormExport(), by=other)) == []


def test_who_may_not_export_gets_nothing(roster, zhang):
    party = make_holder("party", "党组", "party", roster.bureau)
    with pytest.raises(NotAllowed):
        export_form(zhang, FormExport(), by=party)
    # A job asks afresh before it reads anything.
    with pytest.raises(NotAllowed):
        check_form_export(FormExport(), by=party)


def test_a_form_from_the_histories_alone(roster):
    cadre = make_cadre(roster.school_east, "李四", id_number=identity(), native_place="贵州道真")
    make_appointment(cadre, "副校长")
    Honour.objects.create(cadre=cadre, name="优秀教师", issuer="示例区教育局", start=month("2016-09").date,
                          start_precision="month")  # fmt: skip
    Oversight.objects.create(cadre=cadre, kind="sanction", sanction="admin_warning", start=month("2018-05").date,
                             start_precision="month")  # fmt: skip
    form = forms_of([cadre.pk])[cadre.pk]
    assert form["XianRenZhiWu"] == "东河镇中心小学副校长"
    assert form["JiangChengQingKuang"] == "2016.09被示例区教育局授予优秀教师。\n2018.05受警告处分。"
    assert form["ChuShengNianYue"] == "198005"


def test_many_forms_cost_no_more_statements(roster, django_assert_max_num_queries):
    ids = [make_cadre(roster.school_east, f"甲{n}").pk for n in range(8)]
    with django_assert_max_num_queries(14):
        assert len(forms_of(ids)) == 8


def test_a_png_goes_out_as_jpeg(roster, zhang):
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(jpeg())).save(out, "PNG")
    zhang.photo = store(out.getvalue(), name="a.png", kind="image", by=None)
    zhang.save()
    assert export_form(zhang, OPEN, by=None).photo.startswith(b"\xff\xd8\xff")


def test_names_of_files_never_collide(roster):
    name_of = file_names(".lrmx")
    people = [
        make_cadre(unit, "李四") for unit in (roster.school_east, roster.school_west, roster.school_west)
    ]
    assert [name_of(one) for one in people] == [
        "李四.lrmx", "李四（西山镇中心小学）.lrmx", "李四（西山镇中心小学） 2.lrmx",
    ]  # fmt: skip


def test_the_command_writes_what_came_in(roster, tmp_path, capsys):
    imported(roster.bureau, MESSY, answers={"unit:示例县中心小学": roster.school_east.pk})
    cadre = Cadre.objects.get()
    call_command("export_lrmx", "--cadre", str(cadre.pk), "--out", str(tmp_path / "out"))
    assert capsys.readouterr().out.splitlines()[-1] == "已导出 1 份"
    came, out = read_lrmx(MESSY.read_bytes()), read_lrmx((tmp_path / "out" / "李四.lrmx").read_bytes())
    assert (out.texts, out.family) == (came.texts, came.family)
    assert AuditEntry.objects.get(action="form.export_open").note == "命令行导出"
    call_command("export_lrmx", "--cadre", str(cadre.pk), "--out", str(tmp_path), "--masked")
    assert b"<Item>" not in (tmp_path / "李四.lrmx").read_bytes()
    with pytest.raises(CommandError, match="没有找到"):
        call_command("export_lrmx", "--cadre", "999999", "--out", str(tmp_path))
