"""Why something in a project is refused, and what to do instead."""

from flask_babel import gettext as _

from . import services


def reason(error: services.ProjectError) -> str:
    sentences = {
        services.ProjectArchived: _("The project is in the archive. Restore it to change it."),
        services.ProductInUse: _("Offers were written for this product already. Make a new project for another one."),
        services.ChannelInUse: _("Offers were written in this channel already, so it stays in the project."),
        services.LastManager: _(
            "A project keeps at least one manager with an open account. Appoint another one first."
        ),
        services.AccountClosed: _("The account of this person is closed. An administrator can open it again."),
        services.UnknownPerson: _("Nobody with this e-mail has an open account. Ask an administrator to make one."),
        services.AlreadyMember: _("This person is a member already."),
        services.PromptChanged: _("Somebody saved another version meanwhile."),
    }
    return sentences[type(error)]
