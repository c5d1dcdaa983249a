"""Why something in a project is refused, and what to do instead."""

from flask_babel import gettext as _

from . import invitations, services
from .invitations import MOST_INVITATIONS


def reason(error: services.ProjectError) -> str:
    sentences = {
        services.ProjectArchived: _("The project is in the archive. Restore it to change it."),
        services.ProductInUse: _("Offers were written for this product already. Make a new project for another one."),
        services.ChannelInUse: _("Offers were written in this channel already, so it stays in the project."),
        services.LastManager: _(
            "A project keeps at least one manager with an open account. Appoint another one first."
        ),
        services.AccountClosed: _("The account of this person is closed. An administrator can open it again."),
        services.AlreadyMember: _("This person is a member already."),
        invitations.TooManyInvitations: _("%(n)d invitations wait already. Withdraw one first.", n=MOST_INVITATIONS),
        invitations.NotInvited: _("There is no such invitation any more: it was withdrawn, or you have accepted it."),
        services.PromptChanged: _("Somebody saved another version meanwhile."),
    }
    return sentences[type(error)]
