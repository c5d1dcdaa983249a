"""Which columns are no data but Client's own: the bank's id of the client, the contacts, the refusal of letters."""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum

from .flaws import is_shortened
from .values import BadValue, email, phone, plain_refusal, shown

MOST = 0.8
"""Of the values, as many must be what the column is taken for."""
VALUES_TRIED = 1_000
MOST_IDS_DIFFERENT = 0.9
"""Of a bank's ids: a client may stand there twice, a code repeats itself all the time."""
HALF = 0.5


class Role(StrEnum):
    CLIENT_ID = "client_id"
    EMAIL = "email"
    PHONE = "phone"
    OPT_OUT = "opt_out"


_ID = re.compile(
    r"(?:(?:id|ид|номер|код|no|number|guid|uid|uuid|key)(?:client|customer|cust|клиента?|crm|срм)?"
    r"|(?:client|customer|cust|user|crm|cif|клиента?)(?:id|ид|no|number|key|code|uid|guid|номер|код)?"
    r"|идентификатор(?:клиента)?|cif)"
)
_NAMES = {
    Role.EMAIL: re.compile(r"e?mail|почт|имейл|емейл"),
    Role.PHONE: re.compile(r"phone|mobile|msisdn|телефон|моб|сотов|^тел$|^tel$"),
    Role.OPT_OUT: re.compile(
        r"optout|optedout|unsubscri|donot(?:call|contact|mail|disturb)|^dn[cd]$|stoplist|refus"
        r"|отказ|отпис|небеспоко|незвон|неписать|стоплист"
    ),
}
_OF_ADVERTISING = re.compile(
    r"рассыл|реклам|смс|sms|mail|почт|звон|писать|беспоко|контакт|коммуникац|предложени|отпис|стоплист"
    r"|optout|optedout|unsubscri|donot|^dn[cd]$|stoplist|marketing|contact"
)
"""Tells what is refused: a column of this name is an opt-out whatever stands in it, a date or a remark."""
_NOT_THE_ANSWER = re.compile(r"причин|reason|коммент|comment|примечан|источник|source")
_CONSENT = re.compile(r"consent|optin|optedin|agree|subscrib|соглас|подписк")
_WRITTEN_AS_PHONE = re.compile(r"(?:\+\d|[78][\s(\-]*[3489]\d\d)[\d\s()\-]{7,}")


def role_of(name: str, values: Sequence[object]) -> Role | None:
    """By the column's name and the values that it has; where they disagree the values decide."""
    squashed = _squashed(name)
    are_different = len({shown(value) for value in values}) >= MOST_IDS_DIFFERENT * len(values)
    values = values[:VALUES_TRIED]
    if _is_opt_out(squashed, values):
        return Role.OPT_OUT
    if (values or _NAMES[Role.EMAIL].search(squashed)) and _share(values, email) >= MOST:
        return Role.EMAIL
    if _is_phone(squashed, values):
        return Role.PHONE
    if _ID.fullmatch(squashed) and (are_different or all(is_shortened(shown(value)) for value in values)):
        return Role.CLIENT_ID
    return None


def says_consent(name: str) -> bool:
    """Whether a column tells who agreed: its yes is an opt-out's no, so nothing is guessed from it."""
    squashed = _squashed(name)
    return bool(_CONSENT.search(squashed)) and not _NAMES[Role.OPT_OUT].search(squashed)


def may_say_refusal(name: str) -> bool:
    """Whether a column may tell who refused to be written to, by its name: also where it is not taken for that."""
    squashed = _squashed(name)
    return bool(_NAMES[Role.OPT_OUT].search(squashed)) and not _NOT_THE_ANSWER.search(squashed)


def _squashed(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _is_opt_out(name: str, values: Sequence[object]) -> bool:
    """What is refused is known by the name; where the name tells only that something is, the values must."""
    if not may_say_refusal(name) or (values and max(_share(values, email), _share(values, phone)) >= MOST):
        return False
    return bool(_OF_ADVERTISING.search(name)) or _share(values, plain_refusal) >= HALF


def _is_phone(name: str, values: Sequence[object]) -> bool:
    if _NAMES[Role.PHONE].search(name):
        return _share(values, phone) >= MOST
    written = [value for value in values if isinstance(value, str) and _WRITTEN_AS_PHONE.fullmatch(value.strip())]
    return bool(values) and len(written) >= MOST * len(values) and _share(written, phone) >= MOST


def _share(values: Sequence[object], understand: Callable[[object], object]) -> float:
    """How many of the values are understood; all of none."""
    return sum(_is_understood(value, understand) for value in values) / len(values) if values else 1


def _is_understood(value: object, understand: Callable[[object], object]) -> bool:
    try:
        understand(value)
    except BadValue:
        return False
    return True
