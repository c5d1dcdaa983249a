"""The admin console: Flask-Admin, only for administrators, a world of its own in its looks."""

from flask import Flask
from flask_admin import Admin, AdminIndexView
from flask_admin.theme import Bootstrap4Theme
from flask_babel import lazy_gettext as _l

from ..database import db
from ..models import AuditEntry, Benefit, OptOut, OptOutList, Product, Project, SaleChannel, User


def init_app(app: Flask) -> None:
    from .benefits import BenefitView
    from .channel_rules import ChannelRulesPage
    from .model_page import ModelPage
    from .opt_outs import OptOutListView, OptOutView
    from .views import AuditView, ChannelView, ProductView, ProjectView, UserView

    admin = Admin(
        app,
        name="Marketing Studio",
        theme=Bootstrap4Theme(base_template="admin/studio.html"),
        index_view=AdminIndexView(name=_l("Overview"), template="admin/overview.html"),
    )
    admin.add_view(ProductView(Product, db, name=_l("Products"), endpoint="product"))
    admin.add_view(BenefitView(Benefit, db, name=_l("Benefits"), endpoint="benefit"))
    admin.add_view(ChannelView(SaleChannel, db, name=_l("Channels"), endpoint="channel"))
    admin.add_view(ChannelRulesPage(name=_l("Rules and endings"), endpoint="channel_rules"))
    admin.add_view(UserView(User, db, name=_l("People"), endpoint="user"))
    admin.add_view(ProjectView(Project, db, name=_l("Projects"), endpoint="project"))
    admin.add_view(OptOutView(OptOut, db, name=_l("Opt-outs"), endpoint="opt_out"))
    admin.add_view(OptOutListView(OptOutList, db, name=_l("Lists of opt-outs"), endpoint="opt_out_list"))
    admin.add_view(AuditView(AuditEntry, db, name=_l("Audit"), endpoint="audit"))
    admin.add_view(ModelPage(name=_l("Language model"), endpoint="model"))
    # access.guard lets nobody but administrators into these.
    app.extensions["admin_blueprints"] = frozenset(view.blueprint.name for view in admin._views if view.blueprint)
