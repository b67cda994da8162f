"""Semantic consistency: are two images alike to CLIP?

The distance of VQ-NeRF (arXiv 2310.14487) and DietNeRF (Jain et al. 2021): one less the cosine of
the angle between the embeddings that CLIP (Radford et al. 2021) gives them. The weights are not
part of nfcodec; they are read from a folder as ``CLIPModel.save_pretrained`` of Hugging Face's
``transformers`` writes it, with its ``preprocessor_config.json``. That package comes with the extra
``semantic``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from nfcodec.errors import DamagedFileError, UnsupportedError, UsageError
from nfcodec.evaluate.device import pick
from nfcodec.untrusted.source import read_options

_CONFIG = "config.json"
_PREPROCESSING = "preprocessor_config.json"
#: The classes of transformers by the type of model that a folder states.
_CLASSES = {"clip": "CLIPModel", "clip_vision_model": "CLIPVisionModelWithProjection"}
#: The statistics of the images that OpenAI's CLIP was trained on: what
#: ``CLIPImageProcessor`` takes where a model states none.
_MEAN = (0.48145466, 0.4578275, 0.40821073)
_DEVIATION = (0.26862954, 0.26130258, 0.27577711)
#: No mean or deviation of images in [0, 1] is anywhere near.
_MOST = 1e6


class SemanticLoss(nn.Module):
    """``SemanticLoss(path)(rendered, real)``: the mean cosine distance of their embeddings.

    ``path``: the folder of a CLIP model. Nothing is fetched from a network and no code of the
    folder is run. The model itself is not trained. Raises UsageError if there is no such folder or
    ``transformers`` is not installed, DamagedFileError if the folder does not hold a whole CLIP,
    UnsupportedError for another model.
    """

    def __init__(self, path: str | Path, device: str | torch.device = "cpu") -> None:
        super().__init__()
        folder = Path(path)
        if not folder.is_dir():
            raise UsageError(
                f"{path}: is no folder of CLIP weights; give one that holds {_CONFIG} and "
                "model.safetensors, as CLIPModel.save_pretrained writes it"
            )
        if not (folder / _CONFIG).is_file():
            raise DamagedFileError(f"{folder}: holds no {_CONFIG}; is it a folder of CLIP?")
        kind = read_options(folder / _CONFIG).get("model_type")
        if not isinstance(kind, str) or kind not in _CLASSES:
            raise UnsupportedError(
                f"{folder / _CONFIG}: a model of type {str(kind)[:60]!r}; a CLIP is needed"
            )
        self.device = pick(device) if isinstance(device, str) else device
        model = _load(folder, _CLASSES[kind])
        self.vision, self.projection = model.vision_model, model.visual_projection
        # In the precision that images have, regardless of the weights were saved in.
        self.eval().requires_grad_(False).float().to(self.device)
        if not all(bool(value.isfinite().all()) for value in self.parameters()):
            raise DamagedFileError(f"{folder}: its weights hold NaN or infinity")
        self.side = int(self.vision.config.image_size)
        stated = folder / _PREPROCESSING
        options = read_options(stated) if stated.is_file() else {}
        self.mean: Tensor
        self.deviation: Tensor
        for name, key, default in (("mean", "image_mean", _MEAN),
                                   ("deviation", "image_std", _DEVIATION)):  # fmt: skip
            values = _three_numbers(options.get(key, [*default]), f"{stated}: {key}")
            tensor = torch.tensor(values, device=self.device)[:, None, None]
            self.register_buffer(name, tensor)
        if float(self.deviation.min()) <= 0.0:
            raise DamagedFileError(f"{stated}: image_std is not positive")

    def embed(self, images: Tensor) -> Tensor:
        """(B, E) embeddings of unit length of (B, 3, H, W) images in [0, 1]; differentiable.

        The whole image is resized to the model's square, bicubically and with antialiasing; its
        sides are not cut, as the training images' were, so that all of it counts.
        """
        side = (self.side, self.side)
        resized = functional.interpolate(images, side, mode="bicubic", antialias=True)
        seen = self.vision(pixel_values=(resized.clamp(0.0, 1.0) - self.mean) / self.deviation)
        return functional.normalize(self.projection(seen.pooler_output), dim=1)

    def forward(self, rendered: Tensor, real: Tensor) -> Tensor:
        """The mean over B of one less the cosine, of (B, 3, H, W) images in [0, 1] each.

        From 0, alike, to 2. Gradients go to ``rendered`` alone.
        """
        with torch.no_grad():
            wanted = self.embed(real)
        return (1.0 - (self.embed(rendered) * wanted).sum(dim=1)).mean()


def _load(folder: Path, name: str) -> Any:
    try:
        import transformers
    except ImportError as error:
        raise UsageError(
            "CLIP needs the package transformers: pip install 'nfcodec-core[semantic]'"
        ) from error
    transformers.utils.logging.disable_progress_bar()
    try:
        model, report = getattr(transformers, name).from_pretrained(
            folder, local_files_only=True, use_safetensors=True, output_loading_info=True
        )
    except Exception as error:  # anything it raises on damaged files
        what = " ".join(str(error).split())[:300]
        raise DamagedFileError(f"{folder}: cannot be read as a CLIP: {what}") from error
    missing = sorted(report["missing_keys"])
    if missing or report.get("mismatched_keys"):
        raise DamagedFileError(
            f"{folder}: its weights are not those of a whole CLIP: {len(missing)} are missing"
            f"{', such as ' + missing[0] if missing else ''}, "
            f"{len(report.get('mismatched_keys', ()))} have another shape"
        )
    return model


def _three_numbers(value: Any, where: str) -> list[float]:
    if (
        not isinstance(value, list)
        or len(value) != 3
        or any(type(number) not in (int, float) or not abs(number) < _MOST for number in value)
    ):
        raise DamagedFileError(f"{where}: three numbers are needed, not {str(value)[:60]}")
    return [float(number) for number in value]
