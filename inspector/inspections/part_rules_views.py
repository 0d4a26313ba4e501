"""The page of a category's part rules: a pattern on the file name, codes on the photo, the camera's time."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from inspector.accounts.requests import PersonRequest
from inspector.categories.models import Category
from inspector.core.errors import Refused
from inspector.inspections import patterns
from inspector.inspections.part_models import CODE_KINDS, PATTERN_LENGTH, CodeFills
from inspector.inspections.part_rules import FIELDS, change_rules, newest_photo, rules_of, tried
from inspector.inspections.parts import NAMES, own_fields

may_change = permission_required("inspections.change_partrules", raise_exception=True)
TYPED = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}


class PartRulesForm(forms.Form):
    """What each may be is a matter of `part_rules`."""

    filename_pattern = forms.CharField(
        label="Pattern", required=False, max_length=PATTERN_LENGTH, widget=forms.TextInput(attrs=TYPED)
    )
    codes = forms.MultipleChoiceField(
        label="Kinds of codes to look for",
        choices=list(CODE_KINDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    code_fills = forms.ChoiceField(label="The code is", choices=CodeFills.choices)
    code_pattern = forms.CharField(
        label="Pattern for the code's text",
        required=False,
        max_length=PATTERN_LENGTH,
        widget=forms.TextInput(attrs=TYPED),
        help_text="Needed only if a pattern finds the fields in the code.",
    )
    left = forms.IntegerField(label="Left", min_value=0, max_value=99)
    top = forms.IntegerField(label="Top", min_value=0, max_value=99)
    right = forms.IntegerField(label="Right", min_value=1, max_value=100)
    bottom = forms.IntegerField(label="Bottom", min_value=1, max_value=100)
    trusts_exif = forms.BooleanField(
        label="Keep the camera's time (EXIF)",
        required=False,
        help_text="In addition to the time of arrival, which still counts. For cameras whose clock is right.",
    )
    checks_part = forms.BooleanField(
        label="Give no verdict on a photo that shows another part",
        required=False,
        help_text="A person then sends it as the other part or has it judged anyway. Needs a "
        "version that was trained on at least 10 good photos.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
def part_rules(request: PersonRequest, slug: str) -> HttpResponse:
    category = get_object_or_404(Category, slug=slug)
    rules = rules_of(category)
    form = PartRulesForm(request.POST or None, initial={name: getattr(rules, name) for name in FIELDS})
    if form.is_valid():
        try:
            change_rules(category, by=request.user, **form.cleaned_data)
        except Refused as refused:
            for name, words in (refused.fields or {}).items():
                form.add_error(name, words)
        else:
            messages.success(request, f"Photos of {category} are read by these rules from now on.")
            return redirect("inspections:part-rules", category.slug)
    pattern = form["filename_pattern"].value() or ""
    context = {"category": category, "form": form, "newest": newest_photo(category)}
    context |= _tried(category, pattern)
    return render(request, "inspections/part_rules.html", context, status=400 if form.errors else 200)


@require_safe
@may_change
def try_pattern(request: PersonRequest, slug: str) -> HttpResponse:
    """What a pattern finds in the last file names, while it is typed."""
    category = get_object_or_404(Category, slug=slug)
    context = _tried(category, request.GET.get("filename_pattern", ""))
    return render(request, "inspections/tried_pattern.html", context)


def _tried(category: Category, pattern: str) -> dict[str, Any]:
    wrong = ""
    if pattern:
        try:
            patterns.check(pattern, "filename_pattern")
        except Refused as refused:
            wrong = refused.message
    rows = tried(category, "" if wrong else pattern)
    return {"tried": rows, "wrong": wrong, "pattern": pattern, "groups": [*NAMES, *own_fields()]}
