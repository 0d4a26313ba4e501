"""People in the admin panel. A role is one choice, not a list of permissions."""

from copy import copy
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget

from inspector.accounts import admin_access as admin_access
from inspector.accounts.events import AccountEvent
from inspector.accounts.forms import SavesPasswordAlone
from inspector.accounts.models import User
from inspector.accounts.people import create_person, describe, is_only_admin, set_active, set_role
from inspector.accounts.selectors import people, role_of, tokens_of
from inspector.accounts.sure_panel import PanelAsksWhy, PanelSureForm, asking, questions
from inspector.core.admin import LINK, PanelAdmin, trail_page
from inspector.core.events import because, record
from inspector.core.roles import Role

USERNAME_HELP = "Up to 150 characters: letters, digits and @ . + - _"
WORDS = ("username", "first_name", "last_name", "email", "time_zone")
ROLE_COLOURS = {Role.ADMIN.label: "info", Role.QA_MANAGER.label: "success"}

admin.site.unregister(Group)


class RoleField(forms.ChoiceField):
    widget = UnfoldAdminSelectWidget

    def __init__(self) -> None:
        super().__init__(
            choices=Role.choices,
            help_text=(
                "An inspector inspects photos; a QA manager also reviews past inspections; "
                "an admin also manages categories, versions and people."
            ),
        )


class NewPersonForm(PanelAsksWhy, UserCreationForm):
    role = RoleField()

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username",)
        help_texts = {"username": USERNAME_HELP}


class PersonForm(PanelAsksWhy, forms.ModelForm):
    role = RoleField()

    class Meta:
        model = User
        fields = (*WORDS, "is_active")
        field_classes = {"username": UsernameField}
        help_texts = {
            "username": USERNAME_HELP,
            "is_active": "Inactive users cannot sign in, and their API tokens no longer work.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = role_of(self.instance)
        self.fields["role"].initial = role.value if role else None
        self.ask_only_where_needed()

    def clean(self) -> dict[str, Any]:
        if {"role", "is_active"} & set(self.changed_data):
            self.require_answers()
        return self.cleaned_data


class NewPasswordForm(SavesPasswordAlone, PanelAsksWhy, AdminPasswordChangeForm):
    """Sets the password of another person's account."""


@admin.register(User)
class PersonAdmin(UserAdmin, PanelAdmin):  # type: ignore[misc]
    form = PersonForm
    add_form = NewPersonForm
    time_words = {"last_login": "last sign-in", "date_joined": "account created"}
    change_password_form = NewPasswordForm
    list_display = ("username", "shown_role", "name", "is_active", "last_login", "date_joined")
    list_filter = ("groups", "is_active")
    ordering = ("username",)
    fieldsets = (
        (None, {"fields": ("username", "role", "is_active", "password_shown", "trail")}),
        ("About", {"fields": ("first_name", "last_name", "email", "time_zone", "last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "role", "password1", "password2")}),)
    readonly_fields = ("password_shown", "trail", "last_login", "date_joined")
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return people()

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return asking(super().get_form(request, *args, **kwargs), request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        why = "Why, if you change the role or whether they are active" if obj else "Why"
        return (*super().get_fieldsets(request, obj), (why, {"fields": questions()}))

    def has_delete_permission(self, *args: Any) -> bool:
        return False  # what a person did stays theirs; an account no longer needed is made inactive

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        role, given = form.cleaned_data["role"], form.cleaned_data
        by: dict[str, Any] = {"by": request.user, "reason": given["reason"]}
        if not change:
            person, _ = create_person(obj.username, role, given["password1"], **by)
            obj.__dict__.update(person.__dict__)
            return
        active = obj.is_active
        # What the form holds is not in the database yet, and the verbs compare with what is.
        person = describe(obj, request.user, **{name: given[name] for name in WORDS})
        if role_of(person) != role:
            set_role(person, role, **by)
        if person.is_active != active:
            set_active(person, active, **by)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Making an account inactive asks first: its tokens end with it, and do not come back. So does giving
        up one's own right to be here."""
        if request.method == "POST" and not self.sure(request):
            person = people().filter(pk=object_id, is_active=True).first()
            if person and self.has_change_permission(request, person) and not is_only_admin(person):
                if not request.POST.get("is_active"):
                    return self._ask(request, person)
                if person == request.user and request.POST.get("role") in set(Role) - {Role.ADMIN}:
                    return self._ask_to_step_down(request)
        return super().change_view(request, object_id, form_url, extra_context)

    def _ask_to_step_down(self, request: HttpRequest) -> HttpResponse:
        role = Role(request.POST["role"]).label
        return self.confirm_again(
            request,
            "Give up your own admin role",
            text=f"Your role becomes {role}, and you can no longer open the admin panel. Only another admin "
            "can make you an admin again.",
            button="Give it up",
            cancel=request.get_full_path(),
            form=PanelSureForm(request, initial={"reason": request.POST.get("reason", "")}),
        )

    def response_change(self, request: HttpRequest, obj: User) -> HttpResponse:
        """Whoever has given up their own right to be here goes on to what is open to them."""
        if obj.pk == request.user.pk and not User.objects.filter(pk=obj.pk, is_staff=True).exists():
            messages.success(request, "You are no longer an admin.")
            return redirect(settings.LOGIN_REDIRECT_URL)
        return super().response_change(request, obj)

    def _ask(self, request: HttpRequest, person: User) -> HttpResponse:
        count = tokens_of(person).count()
        lost = {0: "", 1: " Their API token is deleted, and the program that uses it needs a new one."}
        many = f" Their {count} API tokens are deleted, and programs that use them need new ones."
        return self.confirm_again(
            request,
            f"Make {person} inactive",
            text=f"{person} can no longer sign in.{lost.get(count, many)} What they did stays on record.",
            button=f"Make {person} inactive",
            cancel=request.get_full_path(),
            form=PanelSureForm(request, initial={"reason": request.POST.get("reason", "")}),
        )

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        here = copy(self)  # of this request only: Django hands the form no request
        here.change_password_form = asking(NewPasswordForm, request)
        with transaction.atomic():
            response = super(PersonAdmin, here).user_change_password(request, id, form_url)
            if request.method == "POST" and response.status_code == 302:
                why = because(request.POST.get("reason", ""))
                record(request.user, AccountEvent.PASSWORD_SET, User.objects.get(pk=id), **why)
        return response

    @display(description="role", label=ROLE_COLOURS)
    def shown_role(self, person: User) -> str:
        role = role_of(person)
        return role.label if role else "None"

    @admin.display(description="audit trail")
    def trail(self, person: User) -> SafeString:
        """Each page's button leads to what was done to the person."""
        markup = '<a class="{}" href="{}">Everything they did</a>'
        return format_html(markup, LINK, trail_page(who=person.username))

    @admin.display(description="password")
    def password_shown(self, person: User) -> SafeString:
        has_one = person.has_usable_password()
        return format_html(
            '{} <a class="{}" href="../password/">{}</a>',
            "Set." if has_one else "None: this account cannot sign in with a password.",
            LINK,
            "Change the password" if has_one else "Set a password",
        )

    @admin.display(description="name")
    def name(self, person: User) -> str | None:
        return person.get_full_name() or None
