"""Signing in and out, and one's own account."""

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh
from flask_login import current_user, login_user, logout_user
from flask_wtf.csrf import generate_csrf
from limits import parse_many

from ..access import public, signed_in
from ..database import db
from ..models import User
from ..web.access_log import note_person
from ..web.arguments import asked
from ..web.fields import row_number
from ..web.fragments import go_to, is_htmx
from ..web.limits import limiter
from . import services
from .forms import LanguageForm, PasswordForm, ProfileForm, SignInForm

bp = Blueprint("accounts", __name__)


def attempts_allowed() -> str:
    return str(current_app.config["STUDIO"].sign_in_limit)


def attempts_allowed_for_an_address() -> str:
    """Ten times as many failures over all accounts: guessing many accounts is slow, and colleagues who share an address
    sign in as often as they like."""
    limits = parse_many(attempts_allowed())
    return ";".join(f"{10 * limit.amount} per {limit.multiples} {limit.GRANULARITY.name}" for limit in limits)


def who_tries() -> str:
    """An address and an account: neither guessing one password for many nor many for one gets far."""
    return f"{request.remote_addr} {request.form.get('email', '').strip().lower()[:254]}"


def whose_password() -> str:
    """Of an account that somebody left open: the present password is not to be guessed there either."""
    return f"password {current_user.id}"


def has_failed(answer: Response) -> bool:
    return answer.status_code == 422


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return go_to("projects.index")
    return render_template("accounts/sign_in.html", form=SignInForm())


@bp.post("/sign-in")
@public
@limiter.limit(attempts_allowed, key_func=who_tries)
@limiter.limit(attempts_allowed_for_an_address, deduct_when=has_failed)
def enter() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return _sign_in_form(form), 422
    user = services.authenticate(form.email.data, form.password.data)
    if user is None:
        db.session.commit()
        form.password.errors = [_("E-mail or password is wrong, or the account is closed.")]
        return _sign_in_form(form), 422
    if current_user.is_authenticated:
        services.end_session(current_user.session_key)
    _forget_visit()
    # Not Flask-Login's `remember`: its cookie is another key to the account, which no sign-out here would end.
    session.permanent = form.remember.data
    _sign_in_here(user)
    db.session.commit()
    if is_htmx():
        return "", 204
    return redirect(_safe_target(request.args.get("next")), 303)


@bp.get("/session")
@public
def visit() -> ResponseReturnValue:
    """Whether the person who opened a page is signed in still, and with which token its forms are sent; else the form
    to sign in again. Scripts ask before they send what somebody typed."""
    if current_user.is_authenticated and current_user.id == asked("user_id", row_number):
        return {"is_open": True, "token": generate_csrf()}
    return {"is_open": False, "form": sign_in_again()}


@bp.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    services.sign_out(current_user)
    db.session.commit()
    logout_user()
    _forget_visit()
    flash(_("You are signed out."), "success")
    return go_to("accounts.sign_in")


@bp.post("/language")
@public
def set_language() -> ResponseReturnValue:
    """The language of this visit, for who is not signed in; a person's own is in the profile."""
    form = LanguageForm()
    if form.validate():
        session["language"] = form.language.data
    return go_to("accounts.sign_in")


@bp.get("/profile")
@signed_in
def profile() -> ResponseReturnValue:
    return _profile_page(_profile_form(), PasswordForm())


@bp.post("/profile")
@signed_in
def save_profile() -> ResponseReturnValue:
    form = ProfileForm()
    if not form.validate():
        return _profile_page(form, PasswordForm()), 422
    current_user.name, current_user.language = form.name.data.strip(), form.language.data
    current_user.time_zone = form.time_zone.data or None
    db.session.commit()
    refresh()
    flash(_("Your profile is saved."), "success")
    return go_to("accounts.profile")


@bp.post("/profile/password")
@signed_in
@limiter.limit(attempts_allowed, key_func=whose_password)
def change_password() -> ResponseReturnValue:
    form = PasswordForm()
    if not form.validate():
        if form.old.errors:
            services.record_wrong_password(current_user)
            db.session.commit()
        return _profile_page(_profile_form(), form), 422
    services.change_password(current_user, form.new.data, current_user)
    # This browser goes on in a new session; all those of before have ended.
    _sign_in_here(current_user._get_current_object())
    db.session.commit()
    flash(_("The password is changed. You are signed out everywhere else."), "success")
    return go_to("accounts.profile")


def sign_in_again(form: SignInForm | None = None) -> str:
    """The form for a page that stays as it is, under ids that no other field of the page has."""
    form = form or SignInForm(formdata=None)
    for each in form:
        each.id = f"again-{each.name}"
    return render_template("accounts/_sign_in_again.html", form=form)


def _sign_in_here(user: User) -> None:
    services.begin_session(user)
    login_user(user)
    note_person(user)


def _forget_visit() -> None:
    """What the cookie says, and the token for forms in it, does not outlive a sign-in or a sign-out; the language does,
    which says nothing of a person."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language


def _sign_in_form(form: SignInForm) -> str:
    return sign_in_again(form) if is_htmx() else render_template("accounts/sign_in.html", form=form)


def _profile_form() -> ProfileForm:
    return ProfileForm(
        formdata=None, name=current_user.name, language=current_user.language, time_zone=current_user.time_zone or ""
    )


def _profile_page(form: ProfileForm, password_form: PasswordForm) -> str:
    return render_template("accounts/profile.html", form=form, password_form=password_form)


def _safe_target(target: str | None) -> str:
    """Where to go after signing in: a path of our own, never another host or a header of its own."""
    if not target or "\\" in target or not target.isprintable():
        return url_for("projects.index")
    return target if target.startswith("/") and not target.startswith("//") else url_for("projects.index")
