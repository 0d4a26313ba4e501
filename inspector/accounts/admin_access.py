"""API tokens and failed sign-ins in the admin panel: to look at, and to end."""

from typing import Any
from uuid import uuid4

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from knox.models import AuthToken

from inspector.accounts import limits
from inspector.accounts.models import ApiToken, FailedSignIn
from inspector.accounts.sure_panel import PanelSureForm
from inspector.accounts.tokens import revoke_token
from inspector.core.admin import ReadOnlyAdmin
from inspector.core.templatetags.figures import NONE
from inspector.core.templatetags.pages import when

admin.site.unregister(AuthToken)


@admin.register(ApiToken)
class TokenAdmin(ReadOnlyAdmin):
    """Made on the account page and by POST /api/token/; here they are seen and revoked."""

    list_display = ("called", "beginning", "owner", "created", "expires", "used")
    list_select_related = ("user", "notes")
    search_fields = ("user__username", "token_key", "notes__name")
    search_help_text = "A username, a name, or the start of a token"
    ordering = ("-created",)
    fields = list_display
    readonly_fields = fields
    actions = ("revoke_selected",)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.delete_apitoken")

    @admin.display(description="name", ordering="notes__name")
    def called(self, token: ApiToken) -> str:
        return token.name or NONE

    @admin.display(description="last used", ordering="notes__last_used")
    def used(self, token: ApiToken) -> SafeString:
        return when(token.last_used)

    @admin.display(description="starts with")
    def beginning(self, token: ApiToken) -> str:
        return f"{token.token_key[:8]}…"

    @admin.display(description="owner", ordering="user__username")
    def owner(self, token: ApiToken) -> str:
        return str(token.user)

    @admin.display(description="expires", ordering="expiry")
    def expires(self, token: ApiToken) -> str:
        if not token.expiry:
            return "Never"
        return format_html("Expired {}", when(token.expiry)) if token.expired else when(token.expiry)

    @admin.action(description="Revoke the selected tokens", permissions=["revoke"])
    def revoke_selected(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> HttpResponse | None:
        tokens = list(chosen.select_related("user", "notes"))
        sure = PanelSureForm(request, self.answers(request, count=len(tokens)))
        if not sure.is_valid():
            return self._ask(request, tokens, sure)
        told: dict[str, Any] = {"by": request.user, "reason": sure.reason_given, "operation": uuid4()}
        for token in tokens:
            revoke_token(token.user, token.token_key, **told)
        were = "1 token was" if len(tokens) == 1 else f"{len(tokens)} tokens were"
        self.message_user(request, f"{were} revoked. Programs that use them will be refused.")
        return None

    def _ask(self, request: HttpRequest, tokens: list[ApiToken], form: PanelSureForm) -> HttpResponse:
        what = "1 token" if len(tokens) == 1 else f"{len(tokens)} tokens"
        return self.confirm_again(
            request,
            f"Revoke {what}",
            text="Programs that use them are refused at once and permanently: each needs a new token.",
            table={
                "headers": ["Name", "Starts with", "Owner"],
                "rows": [[self.called(token), self.beginning(token), str(token.user)] for token in tokens],
            },
            button=f"Revoke {what}",
            cancel=request.get_full_path(),
            form=form,
            count=len(tokens),
        )


@admin.register(FailedSignIn)
class FailedSignInAdmin(ReadOnlyAdmin):
    """Who typed a wrong password lately, and for whom a pause can be lifted."""

    list_display = ("username", "address", "failures", "attempt_time", "paused")
    search_fields = ("username", "ip_address")
    search_help_text = "A username or an address"
    ordering = ("-attempt_time",)
    fields = list_display
    readonly_fields = fields
    time_words = {"attempt_time": "last failure"}
    actions = ("lift_selected",)
    nothing_yet = "Nobody has failed to sign in during the last day."

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.delete_failedsignin")

    def get_queryset(self, request: HttpRequest) -> QuerySet[FailedSignIn]:
        return limits.with_address(super().get_queryset(request))

    @admin.display(description="failures in a row", ordering="failures_since_start")
    def failures(self, row: FailedSignIn) -> int:
        return row.failures_since_start

    @admin.display(description="address", ordering="ip_address")
    def address(self, row: FailedSignIn) -> str:
        return f"{row.ip_address}/64" if ":" in str(row.ip_address) else str(row.ip_address)

    @admin.display(description="paused for")
    def paused(self, row: FailedSignIn) -> str:
        left = limits.wait_of_row(row)
        return limits.minutes(left) if left else NONE

    @admin.action(description="Lift the pause", permissions=["lift"])
    def lift_selected(self, request: HttpRequest, chosen: QuerySet[FailedSignIn]) -> None:
        count = limits.lift(chosen, by=request.user)
        names = "1 name" if count == 1 else f"{count} names"
        self.message_user(request, f"The failures of {names} are forgotten: they can try again at once.")
