"""Pages of alert rules, with the button that tests one over the past."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspector.accounts.requests import PersonRequest
from inspector.core.errors import Refused
from inspector.monitoring.alerts import rules as verbs
from inspector.monitoring.alerts import selectors
from inspector.monitoring.alerts.forms import RuleForm
from inspector.monitoring.alerts.kinds import Kind, kind_of, kinds
from inspector.monitoring.alerts.models import Rule
from inspector.monitoring.alerts.replay import DAYS, replay

adds_rules = permission_required("alerts.add_rule", raise_exception=True)
changes_rules = permission_required("alerts.change_rule", raise_exception=True)


@require_safe
@changes_rules
def rules(request: PersonRequest) -> HttpResponse:
    rules_and_kinds = [(rule, kind_of(rule.kind)) for rule in selectors.rules()]
    return render(request, "monitoring/alerts/rules.html", {"rules": rules_and_kinds})


@require_http_methods(["GET", "HEAD", "POST"])
@adds_rules
def new(request: PersonRequest) -> HttpResponse:
    """First which kind, then its numbers."""
    kind = kind_of(request.GET.get("kind", ""))
    if kind is None:
        return render(request, "monitoring/alerts/new_rule.html", {"kinds": kinds()})
    rule = Rule(kind=kind.value, name=kind.title, limit=kind.limit.usual)
    rule.last = int(kind.last.usual) if kind.last else None
    return _form(request, rule, kind)


@require_http_methods(["GET", "HEAD", "POST"])
@changes_rules
def rule(request: PersonRequest, pk: int) -> HttpResponse:
    chosen = selectors.rule(pk)
    kind = kind_of(chosen.kind)
    if kind is None:
        raise Http404("This version of the program does not know this kind of rule.")
    return _form(request, chosen, kind)


@require_POST
@changes_rules
def retire(request: PersonRequest, pk: int) -> HttpResponse:
    chosen = selectors.rule(pk)
    verbs.retire(chosen, by=request.user)
    messages.success(request, f"{chosen} was retired. Its alerts stay in the list.")
    return redirect("alerts:rules")


def _form(request: PersonRequest, rule: Rule, kind: Kind) -> HttpResponse:
    """Saves, or with the button “Test” shows what the values that were sent would have said."""
    name = rule.name
    form = RuleForm(kind, request.POST or None, instance=rule)
    refused, context = None, {"form": form, "kind": kind, "rule": rule, "name": name, "days": DAYS}
    if form.is_valid():
        try:
            if "test" not in request.POST:
                verbs.save(rule, by=request.user, webhooks=form.chosen_webhooks())
                messages.success(request, f"{rule} was saved.")
                return redirect("alerts:rules")
            verbs.complete(rule)
            context["replays"] = replay(rule)
            context["tested"] = True
        except Refused as problem:
            refused = _add_errors(form, problem)
    return _shown(request, context | {"refused": refused}, bad=bool(form.errors or refused))


def _add_errors(form: RuleForm, problem: Refused) -> Refused | None:
    """At its fields, as far as the form has them."""
    for field, texts in (problem.fields or {}).items():
        for text in texts:
            form.add_error(field if field in form.fields else None, text)
    return None if problem.fields else problem


def _shown(request: PersonRequest, context: dict[str, Any], *, bad: bool) -> HttpResponse:
    return render(request, "monitoring/alerts/rule.html", context, status=400 if bad else 200)
