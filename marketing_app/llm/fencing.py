"""Words of others in a prompt: a client's data, a product's description, an occasion. None of it is an instruction.

Line ends are taken out by whoever composes; here go the marks that a chat template or our own few-shot form would read
as the beginning of a turn, and what reads like an instruction is put into quotes.
"""

import re

_TEMPLATE_MARK = re.compile(
    r"<(?=\|)|(?<=\|)>|<(?=/?\w{1,40}>)|<(?=/?(?:s|bos|eos|pad|unk|start_of_turn|end_of_turn|sys|system|user|assistant|im_start|im_end)\b)"
    r"|\[(?=/?(?:INST|SYS|BOS|EOS)\b)|<(?=<)|\u241f",
    re.IGNORECASE,
)
_QUIET = {"<": "‹", ">": "›", "[": "(", "\u241f": " "}
_INNER = str.maketrans("«»", "“”")
_TURN = re.compile(
    r"(system|assistant|user|developer|model|система|ассистент|пользователь|инструкция"
    r"|продукт|клиент|текст|просьба|главное|product|client|text|request|main point)\s*[:：]",
    re.IGNORECASE,
)
_INSTRUCTION = re.compile(
    r"(?<!\w)(?:(?:про)?игнорир\w*|забудь(?:те)?|не обращай(?:те)? внимани\w*|не (?:слушай|выполняй|следуй)\w*"
    r"|(?:выше|предыдущ)\w* (?:инструкци|указани|сообщени)\w*|нов\w+ (?:инструкци|указани)\w*|промпт\w*"
    r"|ты (?:теперь|больше не)|отвечай(?:те)?|ответь(?:те)?|напиши(?:те)?|выведи(?:те)?|повтори(?:те)?|притворись"
    r"|ignor(?:e|ing)|disregard|forget (?:all|everything|the|your|previous)|(?:previous|above|new) instructions?"
    r"|system prompt|you are now|act as|pretend to|respond with|reply with|write (?:me|only|that))(?!\w)",
    re.IGNORECASE,
)


def quiet(text: str) -> str:
    """The text without marks of a turn: those of chat templates, and "Текст:" or "system:" of a form like ours."""
    plain = _TEMPLATE_MARK.sub(lambda mark: _QUIET[mark[0]], text)
    return _TURN.sub(r"\1 —", plain)


def fenced(client: str) -> str:
    """A client's data in words, "field: value; field: value", with each value that reads like an instruction quoted."""
    return "; ".join(_fenced_part(part) for part in client.split("; "))


def reads_like_an_instruction(text: str) -> bool:
    return bool(_INSTRUCTION.search(text) or _TURN.search(text) or _TEMPLATE_MARK.search(text))


def _fenced_part(part: str) -> str:
    label, parted, value = part.partition(": ")
    if not parted or _INSTRUCTION.search(label):
        label, parted, value = "", "", part
    said = f"«{quiet(value).translate(_INNER)}»" if reads_like_an_instruction(value) else value
    return quiet(label + parted) + said
