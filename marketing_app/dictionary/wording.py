"""Types and sensitivities of fields in words."""

from flask_babel import lazy_gettext as _l

from ..models import FieldType, Sensitivity

TYPES = {
    FieldType.TEXT: _l("text"),
    FieldType.INTEGER: _l("whole number"),
    FieldType.DECIMAL: _l("number"),
    FieldType.CODE: _l("code"),
    FieldType.DATE: _l("date"),
}
SENSITIVITIES = {
    Sensitivity.OPEN: _l("open"),
    Sensitivity.PERSONAL: _l("personal"),
    Sensitivity.BEHAVIOUR: _l("behaviour"),
    Sensitivity.SECRET: _l("secret, never in a prompt"),
}
