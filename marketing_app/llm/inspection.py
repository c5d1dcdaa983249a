"""What a model file says of itself, without its weights being loaded."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import llama_cpp

from .files import check_model_file
from .native import Model
from .parts import part_names

_QUANTISATIONS = {
    str(value): name.removeprefix("LLAMA_FTYPE_").removeprefix("MOSTLY_").removeprefix("ALL_")
    for name, value in vars(llama_cpp).items()
    if name.startswith("LLAMA_FTYPE_")
}


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A GGUF file. What its maker did not write into it is empty; the size is in bytes, of all its parts."""

    name: str
    size_bytes: int
    architecture: str
    parameters: str
    quantisation: str
    licence: str
    is_chat: bool


def inspect(path: Path) -> ModelFile:
    """Takes as long as reading the vocabulary, half a second. Raises ModelMissing or ModelBroken."""
    check_model_file(path)
    with closing(Model(path, weights=False)) as model:
        return ModelFile(
            name=model.metadata("general.name") or path.stem,
            size_bytes=sum(path.with_name(part).stat().st_size for part in part_names(path.name)),
            architecture=model.metadata("general.architecture") or "",
            parameters=model.metadata("general.size_label") or "",
            quantisation=_QUANTISATIONS.get(model.metadata("general.file_type") or "", ""),
            licence=model.metadata("general.license") or "",
            is_chat=model.metadata("tokenizer.chat_template") is not None,
        )
