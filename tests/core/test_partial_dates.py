"""Partial dates: every spelling of the rosters, the lossy numbers, impossible days, and rendering."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import calendar, partial_dates
from core.partial_dates import PartialDate, PartialDateFormField, parse


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(calendar, "today", lambda: dt.date(2026, 11, 20))


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("1975.08", "1975-08"),
        ("75.8", "1975-08"),
        ("82.9", "1982-09"),
        ("04.8", "2004-08"),
        ("13.04", "2013-04"),
        ("26.11", "2026-11"),
        ("27.1", "1927-01"),
        ("00.8", "2000-08"),
        ("1975-8-3", "1975-08-03"),
        ("1975-08-03", "1975-08-03"),
        ("1975年8月", "1975-08"),
        ("1975 年 8 月", "1975-08"),
        ("1975年8月3日", "1975-08-03"),
        ("1975年08月03号", "1975-08-03"),
        ("75年8月", "1975-08"),
        ("2001年7月", "2001-07"),
        ("197508", "1975-08"),
        ("19750803", "1975-08-03"),
        ("1969/3/15", "1969-03-15"),
        ("1995.7.1", "1995-07-01"),
        ("2024.9", "2024-09"),
        ("2025.01", "2025-01"),
        ("1990-08", "1990-08"),
        ("1975", "1975"),
        ("1975年", "1975"),
        ("75年", "1975"),
        ("1975.", "1975"),
        ("1975.08.", "1975-08"),
        ("1975.8月", "1975-08"),
        ("1975。08", "1975-08"),
        ("1975·08", "1975-08"),
        ("1975—08", "1975-08"),
        ("１９７５．０８", "1975-08"),
        ("１９７５年８月", "1975-08"),
        ("　1975.08　", "1975-08"),
        ("'1975.08", "1975-08"),
        ("1975-08-03 00:00:00", "1975-08-03"),
        ("1975-08-03T00:00:00", "1975-08-03"),
        ("2000.02.29", "2000-02-29"),
    ],
)
def test_parse_reads_every_written_form(written, iso):
    parsed = parse(written)
    assert parsed.value is not None
    assert parsed.value.iso() == iso
    assert parsed.rest == ""


@pytest.mark.parametrize(
    ("number", "iso", "warns"),
    [
        (2016.08, "2016-08", False),
        (2017.6, "2017-06", False),
        (2019.1, "2019-10", True),
        (1975.1, "1975-10", True),
        (1975.01, "1975-01", False),
        (1975.11, "1975-11", False),
        (1975.12, "1975-12", False),
        (1975.2, "1975-02", False),
        (82.9, "1982-09", False),
        (82.1, "1982-10", True),
        (4.8, "2004-08", True),
        (197508.0, "1975-08", False),
        (197508, "1975-08", False),
        (19750803.0, "1975-08-03", False),
        (1975, "1975", False),
        (1975.0, "1975", False),
    ],
)
def test_parse_reads_numbers_and_warns_where_a_zero_was_lost(number, iso, warns):
    parsed = parse(number)
    assert parsed.value is not None
    assert parsed.value.iso() == iso
    assert bool(parsed.warning) is warns


def test_parse_names_october_in_the_warning_of_a_number():
    assert "10月" in parse(1975.1).warning
    assert "1975.01" in parse(1975.1).warning


def test_parse_reads_the_same_text_as_january_and_warns():
    parsed = parse("1975.1")
    assert parsed.value == PartialDate(dt.date(1975, 1, 1), "month")
    assert "1975.10" in parsed.warning
    assert parse("1975.01").warning == ""
    assert parse("1975-1").warning == ""


def test_parse_of_an_untyped_source_reads_it_as_the_number_it_was():
    parsed = parse("1975.1", untyped=True)
    assert parsed.value is not None
    assert parsed.value.iso() == "1975-10"
    assert parsed.warning
    assert parse("1975.10", untyped=True) == parse("1975.10")


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        (dt.date(1979, 11, 1), "1979-11"),
        (dt.datetime(1979, 11, 1), "1979-11"),
        (dt.date(1979, 11, 2), "1979-11-02"),
        (dt.datetime(1979, 11, 30, 8, 30), "1979-11-30"),
    ],
)
def test_parse_of_a_real_date_takes_the_first_of_a_month_for_the_month(typed, iso):
    value = parse(typed).value
    assert value is not None
    assert value.iso() == iso


@pytest.mark.parametrize("empty", ["", " ", "无", "——", "—", "-", "/", None, "　"])
def test_parse_of_nothing_is_nothing(empty):
    assert parse(empty).value is None
    assert parse(empty).until_now is False


@pytest.mark.parametrize("now", ["至今", "至 今", "今", "现在"])
def test_parse_until_now(now):
    assert parse(now).value is None
    assert parse(now).until_now is True


@pytest.mark.parametrize(
    ("written", "iso", "rest"),
    [
        ("13.04\n正科", "2013-04", "正科"),
        ("2001.08；民建", "2001-08", "民建"),
        ("2001.08;民建", "2001-08", "民建"),
        ("1975.08（51岁）", "1975-08", "(51岁)"),
        ("1975.08\n(51岁)", "1975-08", "(51岁)"),
        ("197508 (51岁)", "1975-08", "(51岁)"),
        ("1975年8月 任命", "1975-08", "任命"),
    ],
)
def test_parse_keeps_what_stands_beside_the_date(written, iso, rest):
    parsed = parse(written)
    assert parsed.value is not None
    assert (parsed.value.iso(), parsed.rest) == (iso, rest)


@pytest.mark.parametrize(
    "impossible",
    [
        "1975.13",
        "1975.00",
        "1975.2.31",
        "1975-02-29",
        "197513",
        "19750231",
        "75.13",
        "1899.01",
        "2101.01",
        "3016.08",
        1975.13,
        1975.123,
        27890.0,
        -1975.08,
        float("nan"),
        float("inf"),
        123456789.0,
        "2017.08-2020.07",
        "1975.08正科",
        "八月",
        "abc",
        "75",
        "7508",
        "无党派",
        True,
        dt.date(1899, 12, 31),
        dt.time(8, 0),
        ["1975.08"],
    ],
)
def test_parse_refuses_what_is_no_date_with_a_sentence(impossible):
    with pytest.raises(ValueError) as refusal:
        parse(impossible, field="出生年月")
    sentence = str(refusal.value)
    assert sentence.startswith("出生年月")
    assert sentence.endswith("。")


def test_parse_tells_an_excel_serial_number_for_what_it_is():
    with pytest.raises(ValueError, match="日期格式"):
        parse(27890.0)


def test_rendering():
    day = PartialDate.of(dt.date(1976, 5, 3))
    month = PartialDate.of(dt.date(1976, 5, 3), "month")
    year = PartialDate.of(dt.date(1976, 5, 3), "year")
    assert (day.iso(), month.iso(), year.iso()) == ("1976-05-03", "1976-05", "1976")
    assert (day.dotted(), month.dotted(), year.dotted()) == ("1976.05.03", "1976.05", "1976")
    assert (day.chinese(), month.chinese(), year.chinese()) == ("1976年5月3日", "1976年5月", "1976年")
    assert str(month) == "1976-05"


def test_of_sets_the_unknown_parts_to_one():
    assert PartialDate.of(dt.date(1976, 5, 3), "month") == PartialDate.of(dt.date(1976, 5, 30), "month")
    assert PartialDate.of(dt.date(1976, 5, 3), "year").date == dt.date(1976, 1, 1)
    assert PartialDate.of(dt.datetime(1976, 5, 3, 9), "day").date == dt.date(1976, 5, 3)
    with pytest.raises(ValueError):
        PartialDate.of(dt.date(1976, 5, 3), "week")


def test_agreement_reaches_as_far_as_the_coarser_one_tells():
    month = PartialDate.of(dt.date(1976, 5, 1), "month")
    assert month.agrees_with(dt.date(1976, 5, 3))
    assert PartialDate.of(dt.date(1976, 5, 3)).agrees_with(month)
    assert PartialDate.of(dt.date(1976, 1, 1), "year").agrees_with(month)
    assert not month.agrees_with(dt.date(1976, 6, 3))
    assert not PartialDate.of(dt.date(1976, 5, 3)).agrees_with(dt.date(1976, 5, 4))


def test_at_most_coarsens_and_never_refines():
    day = PartialDate.of(dt.date(1969, 3, 15))
    assert day.at_most("month").iso() == "1969-03"
    assert day.at_most("day") == day
    assert day.at_most("year").at_most("month").iso() == "1969"


known_dates = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
precisions = st.sampled_from(["day", "month", "year"])


@given(known_dates, precisions)
def test_every_rendering_reads_back_as_the_same_date(day, precision):
    value = PartialDate.of(day, precision)
    for text in (value.iso(), value.dotted(), value.chinese()):
        assert parse(text).value == value
        assert parse(text, untyped=True).value == value
    assert parse(value).value == value


@given(known_dates)
def test_compact_and_numeric_forms_read_back(day):
    assert parse(day.strftime("%Y%m%d")).value == PartialDate.of(day)
    assert parse(float(day.strftime("%Y%m%d"))).value == PartialDate.of(day)
    assert parse(f"{day.year}{day.month:02d}").value == PartialDate.of(day, "month")
    numeric = float(f"{day.year}.{day.month:02d}")
    assert parse(numeric).value == PartialDate.of(day, "month")


@given(known_dates.filter(lambda day: 1927 <= day.year <= 2026))
def test_two_digit_years_reach_back_a_century_from_today(day):
    assert parse(f"{day.year % 100:02d}.{day.month:02d}").value == PartialDate.of(day, "month")


@given(st.one_of(st.text(), st.floats(), st.integers()))
def test_parse_of_anything_gives_a_date_or_a_sentence(anything):
    sentence, value = "", None
    try:
        value = parse(anything).value
    except ValueError as refusal:
        sentence = str(refusal)
    assert (sentence.endswith("。") and value is None) or sentence == ""
    assert value is None or 1900 <= value.date.year <= 2100


def test_form_field_cleans_to_a_partial_date():
    field = PartialDateFormField(required=False)
    assert field.clean("1975年8月") == PartialDate.of(dt.date(1975, 8, 1), "month")
    assert field.clean("") is None
    assert field.prepare_value(PartialDate.of(dt.date(1975, 8, 1), "month")) == "1975.08"
    assert field.prepare_value("乱写") == "乱写"


@pytest.mark.parametrize("wrong", ["1975.13", "1975.08 任命", "abc"])
def test_form_field_refuses_with_the_sentence(wrong):
    with pytest.raises(partial_dates.ValidationError):
        PartialDateFormField().clean(wrong)


def test_form_field_may_insist_on_the_day():
    field = PartialDateFormField(precisions=("day",))
    with pytest.raises(partial_dates.ValidationError, match="完整的年月日"):
        field.clean("1975.08")
    assert field.clean("1975.8.3") == PartialDate.of(dt.date(1975, 8, 3))


def test_form_field_has_not_changed_when_only_the_spelling_did():
    field = PartialDateFormField(required=False)
    initial = PartialDate.of(dt.date(1975, 8, 1), "month")
    assert not field.has_changed(initial, "1975年8月")
    assert not field.has_changed(None, "")
    assert field.has_changed(initial, "1975.09")
    assert field.has_changed(initial, "乱写")
