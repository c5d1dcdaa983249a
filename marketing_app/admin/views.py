"""The tables of the admin console: who may, what is shown, what is refused."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import abort, current_app, request
from flask_admin.contrib.sqla import ModelView
from flask_admin.model import typefmt
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import func, inspect
from sqlalchemy.exc import SQLAlchemyError
from wtforms.validators import ValidationError

from ..catalogue.images import BadImage, ImageTooLarge, keep_image, remove_image
from ..catalogue.wording import KINDS
from ..database import db
from ..models import (
    Project,
    ProjectSaleChannel,
    User,
)
from ..projects.services import hand_over, managed_alone
from ..text_bank.ours import add_our_texts
from ..web.paging import MOST_PAGES
from ..web.zones import moment
from . import audit
from .channel_rules import link_to_rules
from .filters import ZonedFilters
from .forms import ChannelForm, ProductForm, UserForm

KEY = re.compile("[0-9]{1,18}")


class StudioView(ModelView):
    """What all tables share: only administrators, every change in the audit, no deletion of many at once."""

    list_template = "admin/list.html"
    create_template = "admin/create.html"
    edit_template = "admin/edit.html"
    details_template = "admin/details.html"
    column_type_formatters = typefmt.BASE_FORMATTERS | {datetime: lambda view, at, name: moment(at)}
    column_type_formatters_detail = typefmt.DETAIL_FORMATTERS | {datetime: lambda view, at, name: moment(at)}
    filter_converter = ZonedFilters()
    page_size = 25
    can_set_page_size = True
    page_size_options = (25, 50, 100)
    action_disallowed_list = ("delete",)

    def is_accessible(self) -> bool:
        return bool(current_user.is_authenticated and current_user.is_administrator)

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        return abort(404)

    def _handle_view(self, name: str, **values: Any) -> Any:
        """Flask-Admin sends people back to the address in `url`, in a header, which has no line breaks."""
        if not request.values.get("url", "").isprintable():
            abort(400)
        return super()._handle_view(name, **values)

    def get_list(self, page: int | None, *arguments: Any, **named: Any) -> Any:
        """Flask-Admin hands over any number that stands in the address."""
        return super().get_list(max(0, min(page or 0, MOST_PAGES)), *arguments, **named)

    def get_one(self, id: Any) -> Any:
        """None for what is no key of a row: Flask-Admin then says that there is no such row."""
        return db.session.get(self.model, int(id)) if KEY.fullmatch(str(id)) else None

    def handle_view_exception(self, exc: Exception) -> bool:
        """Those of the database and the disk are worded and logged where the pages' are (web.errors): Flask-Admin
        would show and log their text, with the values of rows in it."""
        if isinstance(exc, SQLAlchemyError | OSError):
            raise exc
        return bool(super().handle_view_exception(exc))

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> None:
        self.check_change(model, is_created)
        changes = audit.changes_of(model)
        db.session.flush()
        audit.record("create" if is_created else "change", model, changes)

    def on_model_delete(self, model: Any) -> None:
        reason = self.reason_to_keep(model)
        if reason:
            raise ValidationError(reason)
        audit.record("delete", model, {})

    def check_change(self, model: Any, is_created: bool) -> None:
        """Raises ValidationError with the reason when the change is not allowed."""

    def reason_to_keep(self, model: Any) -> str | None:
        """Why a row cannot be deleted; None when it can."""
        return None


class PictureView(StudioView):
    """A table whose rows may have a picture."""

    column_exclude_list = ("image", "description")

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> None:
        self._old_picture = model.image or ""
        picture = form.picture.data
        if picture and picture.filename:
            model.image = _kept(picture.read())
        elif form.is_picture_removed.data:
            model.image = ""
        super().on_model_change(form, model, is_created)

    def after_model_change(self, form: Any, model: Any, is_created: bool) -> None:
        """Only after the commit: a change that failed keeps its picture."""
        if self._old_picture != model.image:
            remove_image(self._old_picture, current_app.config["STUDIO"].instance_path)

    def after_model_delete(self, model: Any) -> None:
        remove_image(model.image, current_app.config["STUDIO"].instance_path)


class ProductView(PictureView):
    form = ProductForm
    column_list = ("key", "name", "kind", "link")
    column_searchable_list = ("key", "name", "description")
    column_filters = ("key", "name")
    column_default_sort = "name"
    column_labels = {"key": _l("Key"), "name": _l("Name"), "kind": _l("Kind"), "link": _l("Link")}
    column_formatters = {"kind": lambda view, context, product, name: KINDS[product.kind]}

    def reason_to_keep(self, model: Any) -> str | None:
        names = db.session.scalars(db.select(Project.name).filter_by(product_id=model.id).limit(3)).all()
        if not names:
            return None
        return _(
            "The product is used by projects: %(names)s. Archive them, or change their product.", names=", ".join(names)
        )


class ChannelView(PictureView):
    form = ChannelForm
    column_list = ("key", "name", "max_length", "rules")
    column_searchable_list = ("key", "name", "description")
    column_filters = ("key", "name", "max_length")
    column_default_sort = "name"
    column_labels = {
        "key": _l("Key"),
        "name": _l("Name"),
        "max_length": _l("Longest text, characters"),
        "rules": _l("Checks"),
    }
    column_formatters = {"rules": lambda view, context, channel, name: link_to_rules(channel)}

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> None:
        super().on_model_change(form, model, is_created)
        if is_created:
            add_our_texts([model])

    def reason_to_keep(self, model: Any) -> str | None:
        used = db.select(Project.name).join(ProjectSaleChannel).where(ProjectSaleChannel.sale_channel_id == model.id)
        names = db.session.scalars(used.limit(3)).all()
        return _("The channel is used by projects: %(names)s.", names=", ".join(names)) if names else None


class UserView(StudioView):
    """Accounts are closed, not deleted: names stay at what people wrote and approved."""

    form = UserForm
    can_delete = False
    column_list = ("email", "name", "is_active", "is_administrator", "language", "created_at")
    column_searchable_list = ("email", "name")
    column_filters = ("email", "name", "is_active", "is_administrator")
    column_default_sort = "email"
    column_labels = {
        "email": _l("E-mail"),
        "name": _l("Full name"),
        "is_active": _l("Account is open"),
        "is_administrator": _l("Administrator"),
        "language": _l("Language"),
        "created_at": _l("Made"),
    }
    column_formatters = {
        "is_active": lambda view, context, user, name: _("yes") if user.is_active else _("account closed")
    }

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> None:
        orphans: Sequence[Project] = []
        if not is_created and inspect(model).attrs.is_active.history.has_changes():
            orphans = [] if model.is_active else _orphans(model, form.chosen_successor)
        super().on_model_change(form, model, is_created)
        if orphans:
            hand_over(orphans, form.chosen_successor)
        for project in orphans:
            audit.record("change", project, {"manager": [str(model), str(form.chosen_successor)]})

    def check_change(self, model: Any, is_created: bool) -> None:
        if not is_created and not (model.is_active and model.is_administrator) and _is_last_administrator(model):
            raise ValidationError(_("This is the last administrator with an open account. Appoint another one first."))


class ReadOnlyView(StudioView):
    """A table to look into."""

    can_create = can_edit = can_delete = False
    can_view_details = True


class ProjectView(ReadOnlyView):
    """Which projects there are. No client and no offer: administrators are not members."""

    column_list = ("name", "product", "language", "is_archived", "created_at")
    column_details_list = ("name", "product", "occasion", "language", "is_archived", "created_at")
    column_searchable_list = ("name",)
    column_filters = ("name", "is_archived", "language")
    column_default_sort = ("created_at", True)
    column_labels = {
        "name": _l("Name"),
        "product": _l("Product"),
        "occasion": _l("Occasion"),
        "language": _l("Language"),
        "is_archived": _l("Archived"),
        "created_at": _l("Made"),
    }


class AuditView(ReadOnlyView):
    column_list = ("created_at", "user", "user_id", "address", "action", "object_type", "object_name", "changes")
    column_searchable_list = ("object_name", "object_type", "address")
    column_filters = ("action", "object_type", "object_name", "user_id", "address")
    column_default_sort = ("id", True)
    column_labels = {
        "created_at": _l("When"),
        "user": _l("By"),
        "user_id": _l("Account id"),
        "address": _l("Address"),
        "action": _l("Action"),
        "object_type": _l("Table"),
        "object_name": _l("Row"),
        "changes": _l("Changes"),
    }


def _kept(content: bytes) -> str:
    try:
        return keep_image(content, current_app.config["STUDIO"].instance_path)
    except BadImage as error:
        raise ValidationError(_("The picture is not a PNG, JPEG or WebP file, or it is damaged.")) from error
    except ImageTooLarge as error:
        raise ValidationError(_("The picture is too large: at most 2 MB and 40 million pixels.")) from error


def _is_last_administrator(user: User) -> bool:
    others = db.select(func.count(User.id)).where(User.is_active, User.is_administrator, User.id != user.id)
    with db.session.no_autoflush:
        return not db.session.scalar(others)


def _orphans(user: User, successor: User | None) -> Sequence[Project]:
    """The projects that need another manager once the account is closed. Raises ValidationError without a successor."""
    if user.id == current_user.id:
        raise ValidationError(_("You cannot close your own account."))
    with db.session.no_autoflush:
        projects = managed_alone(user)
    if projects and successor is None:
        names = ", ".join(project.name for project in projects)
        raise ValidationError(
            _("Nobody else manages these projects: %(names)s. Choose who does from now on.", names=names)
        )
    return projects
