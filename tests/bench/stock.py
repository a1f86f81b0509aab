"""What most would pick: django-import-export's ModelResource row by row, for comparison."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from import_export import fields, resources
from import_export.widgets import ForeignKeyWidget
from openpyxl import load_workbook
from tablib import Dataset

from accounts.models import Unit
from cadres.identity import identity_index
from cadres.models import Appointment, Cadre, Code, Education, PersonnelRelation, ProfessionalTitle
from cadres.names import name_columns


class CadreResource(resources.ModelResource):
    """The resource as the package's documentation builds it, with the histories saved after each row."""

    unit = fields.Field(column_name="单位", attribute="unit", widget=ForeignKeyWidget(Unit, "name"))
    name = fields.Field(column_name="姓名", attribute="name")
    ethnicity = fields.Field(column_name="民族", attribute="ethnicity", widget=ForeignKeyWidget(Code, "name"))
    native_place = fields.Field(column_name="籍贯", attribute="native_place")
    id_number = fields.Field(column_name="身份证号", attribute="id_number")
    id_index = fields.Field(column_name="id_index", attribute="id_index")
    phone = fields.Field(column_name="手机号码", attribute="phone")

    class Meta:
        model = Cadre
        import_id_fields = ("id_index",)
        fields = ("unit", "name", "ethnicity", "native_place", "id_number", "id_index", "phone")
        skip_diff = True
        use_transactions = True

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Values the file doesn't hold as they are stored."""
        row["id_index"] = identity_index(row["身份证号"])
        row["民族"] = row["民族"] if row["民族"].endswith("族") else f"{row['民族']}族"

    def before_save_instance(self, instance: Cadre, row: Any, **kwargs: Any) -> None:
        """Derived columns."""
        for column, value in name_columns(instance.name).items():
            setattr(instance, column, value)
        instance.birth, instance.birth_precision = _month(row["出生年月"]), "month"
        instance.work_start, instance.work_start_precision = _month(row["参加工作时间"]), "month"
        instance.gender = "1" if row["性别"] == "男" else "2"

    def after_save_instance(self, instance: Cadre, row: Any, **kwargs: Any) -> None:
        """The histories of the row."""
        PersonnelRelation.objects.create(cadre=instance, unit=instance.unit)
        title = row["现任职务"].split("、")[0]
        Appointment.objects.create(
            cadre=instance, unit=instance.unit, title=title, is_main=True, start=_month(row["任现职时间"])
        )
        Education.objects.create(
            cadre=instance, mode="full_time", level_text=row["全日制学历"], school=row["全日制毕业院校及专业"]
        )
        ProfessionalTitle.objects.create(cadre=instance, title_text=row["职称"])


def import_stock(path: Path) -> dict[str, Any]:
    """Import a workbook the stock way: read by openpyxl, a dry run for the preview, then the import."""
    rows = load_workbook(path, read_only=True).active.iter_rows(values_only=True)
    data = Dataset(headers=[*next(rows), "id_index"])
    for row in rows:
        data.append(["" if cell is None else cell for cell in row] + [""])
    resource = CadreResource()
    resource.import_data(data, dry_run=True, raise_errors=True)
    result = resource.import_data(data, dry_run=False, raise_errors=True)
    return {"new": result.totals["new"]}


def _month(text: str) -> date:
    year, month = text.split(".")
    return date(int(year), int(month), 1)


class ExportResource(resources.ModelResource):
    """The same 25 columns, each history looked up for the row as a dehydrate method does."""

    def __init__(self) -> None:
        super().__init__()
        for name in _DEHYDRATED:
            self.fields[name] = fields.Field(column_name=name)

    class Meta:
        model = Cadre
        fields = ("name", "gender", "native_place", "birth", "id_number", "work_start", "phone", "note")

    def export_field(self, field: fields.Field, instance: Cadre, **kwargs: Any) -> Any:
        """Histories by a query each."""
        look_up = _DEHYDRATED.get(field.column_name)
        return look_up(instance) if look_up else super().export_field(field, instance, **kwargs)


def _first(rows: Any, attribute: str) -> str:
    found = rows.first()
    return str(getattr(found, attribute) or "") if found else ""


_DEHYDRATED: dict[str, Any] = {
    "单位": lambda c: c.unit.name,
    "民族": lambda c: str(c.ethnicity or ""),
    "政治面貌": lambda c: _first(c.politicalstatuss.filter(end=None), "status"),
    "入党时间": lambda c: _first(c.politicalstatuss.filter(end=None), "start"),
    "全日制学历": lambda c: _first(c.educations.filter(mode="full_time"), "level_text"),
    "全日制学位": lambda c: _first(c.educations.filter(mode="full_time"), "degree_text"),
    "全日制院校": lambda c: _first(c.educations.filter(mode="full_time"), "school"),
    "在职学历": lambda c: _first(c.educations.filter(mode="in_service"), "level_text"),
    "在职学位": lambda c: _first(c.educations.filter(mode="in_service"), "degree_text"),
    "在职院校": lambda c: _first(c.educations.filter(mode="in_service"), "school"),
    "现任职务": lambda c: "、".join(c.appointments.filter(end=None).values_list("title", flat=True)),
    "任现职时间": lambda c: _first(c.appointments.filter(end=None, is_main=True), "start"),
    "职务类别": lambda c: _first(c.appointments.filter(end=None, is_main=True), "post"),
    "职称": lambda c: _first(c.professionaltitles.filter(end=None), "title_text"),
    "职级": lambda c: _first(c.ranks.filter(end=None, kind="rank"), "name"),
    "任同级时间": lambda c: _first(c.ranks.filter(end=None, kind="level"), "start"),
    "年龄": lambda c: str(c.birth.year if c.birth else ""),
}


def export_stock(path: Path, rows: int) -> dict[str, Any]:
    """Export as many people the stock way, by openpyxl through tablib."""
    data = ExportResource().export(Cadre.objects.order_by("pk")[:rows])
    path.write_bytes(data.export("xlsx"))
    return {"rows": len(data)}
