"""Tags that draw form controls and keep a list's state in the address."""

from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField, BoundWidget
from django.http import QueryDict
from django.utils.safestring import SafeString

register = template.Library()

_GROUPS = (forms.RadioSelect, forms.CheckboxSelectMultiple)


def _widget(field: BoundField) -> forms.Widget:
    return field.field.widget


@register.filter
def is_check(field: BoundField) -> bool:
    """Whether the field is one box to tick."""
    return isinstance(_widget(field), forms.CheckboxInput)


@register.filter
def is_group(field: BoundField) -> bool:
    """Whether the field is a group of buttons or boxes."""
    return isinstance(_widget(field), _GROUPS)


@register.filter
def is_file(field: BoundField) -> bool:
    """Whether the field takes a file."""
    return isinstance(_widget(field), forms.FileInput)


@register.filter
def control(field: BoundField, placeholder: str = "") -> SafeString:
    """Draw the field's control with the classes of the portal; Django adds the aria attributes."""
    widget = _widget(field)
    if isinstance(widget, forms.CheckboxInput):
        css = "form-check-input"
    elif isinstance(widget, forms.Select) and not isinstance(widget, _GROUPS):
        css = "form-select"
    else:
        css = "form-control"
    own = widget.attrs.get("class", "")
    invalid = "is-invalid" if field.errors else ""
    attrs: dict[str, str | bool] = {"class": " ".join(part for part in (css, own, invalid) if part)}
    if placeholder:
        attrs["placeholder"] = placeholder
    # Django's own default of ten rows is more than most answers need.
    if isinstance(widget, forms.Textarea) and widget.attrs.get("rows") in (None, "10"):
        attrs["rows"] = "4"
    return field.as_widget(attrs=attrs)


@register.filter
def error_count(form: forms.BaseForm) -> int:
    """Count the sentences that say what is wrong with a form."""
    return sum(len(sentences) for sentences in form.errors.values())


@register.filter
def choice_control(choice: BoundWidget) -> SafeString:
    """Draw one button or box of a group."""
    choice.data["attrs"] = {**choice.data.get("attrs", {}), "class": "form-check-input"}
    choice.data["wrap_label"] = False
    return choice.tag(wrap_label=False)


@register.filter
def is_among(name: str, names: str | None) -> bool:
    """Whether a name is one of those in a string separated by spaces."""
    return name in (names or "").split()


def _query(context: template.Context) -> QueryDict:
    """A changeable copy of the request's query."""
    return context["request"].GET.copy()


def _names(form: forms.Form) -> set[str]:
    """The parameter names a form owns, the parts of multi-part widgets included."""
    names = {form.add_prefix(name) for name in form.fields}
    suffixes = ("_0", "_1", "_min", "_max", "_after", "_before")
    return names | {name + suffix for name in names for suffix in suffixes}


@register.simple_tag(takes_context=True)
def kept_parameters(context: template.Context, form: forms.Form) -> list[tuple[str, str]]:
    """Return the parameters of the address that the form doesn't own, without the page."""
    owned = _names(form) | {"page", "after", "before"}
    return [
        (name, value)
        for name, values in context["request"].GET.lists()
        if name not in owned
        for value in values
    ]


@register.simple_tag(takes_context=True)
def active_filters(context: template.Context, form: forms.Form) -> list[dict[str, str]]:
    """Return what is filtered by now: label, the chosen words, and the address without it."""
    found = []
    for field in form.visible_fields():
        values = [value for value in field.data if value] if isinstance(field.data, list) else field.data
        if not values:
            continue
        query = _query(context)
        for name in (field.html_name, *(f"{field.html_name}{s}" for s in ("_0", "_1", "_min", "_max"))):
            query.pop(name, None)
        query.pop("page", None)
        found.append(
            {"label": str(field.label), "text": _chosen(field, values), "url": f"?{query.urlencode()}"}
        )
    return found


def _chosen(field: BoundField, values: Any) -> str:
    """The words for the chosen value or values of a filter."""
    chosen = [str(value) for value in (values if isinstance(values, list) else [values])]
    picked = getattr(field.field.widget, "words_of", None)
    if picked is not None:
        # A picker's choices are all there are (50 000 units): only the chosen ones are asked for.
        return "、".join(picked(value) or value for value in chosen)
    choices = getattr(field.field, "choices", None)
    if not choices:
        return "–".join(chosen)
    words: dict[str, str] = {}
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            words.update({str(inner): str(text) for inner, text in label})
        else:
            words[str(value)] = str(label)
    return "、".join(words.get(value, value) for value in chosen)


@register.simple_tag(takes_context=True)
def clear_filters(context: template.Context, form: forms.Form) -> str:
    """Return the address of the same list without any filter."""
    query = _query(context)
    for name in _names(form) | {"page", "after", "before"}:
        query.pop(name, None)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def page_link(context: template.Context, number: int, parameter: str = "") -> str:
    """Return the address of another page of the same list."""
    query = _query(context)
    query[parameter or "page"] = str(number)
    return f"?{query.urlencode()}"
