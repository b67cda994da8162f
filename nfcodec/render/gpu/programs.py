"""A field in GPU memory and the programs that read it, through wgpu-py."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.render.constants import count
from nfcodec.render.gpu.device import request_device
from nfcodec.render.gpu.pack import contents
from nfcodec.render.gpu.plan import MAX_STORAGE_BYTES, Plan, make_plan
from nfcodec.render.gpu.tables import struct

#: What a program is given for one dispatch.
PARAMS = struct("Params")
#: Bytes of a pixel as programs write it: four halves.
PIXEL_BYTES = 8
#: The color map: four floats for each color.
TABLE_BYTES = count("COLORS") * 16


class Programs:
    """The buffers of one field on one device, filled, and its pipelines, made on first use.

    ``sizes``: bytes of every GPU buffer that is held, by name.
    """

    def __init__(self, subject: Field | CodedField, device: Any = None) -> None:
        self.device = request_device() if device is None else device
        import wgpu  # it is there: a device was

        self.wgpu = wgpu
        limit = int(self.device.limits.get("max-storage-buffer-binding-size", MAX_STORAGE_BYTES))
        self.plan: Plan = make_plan(subject, limit)
        #: The most bytes that a program's output may have.
        self.output_limit = limit
        self.buffers: dict[str, Any] = {}
        self.sizes: dict[str, int] = {}
        storage, uniform = wgpu.BufferUsage.STORAGE, wgpu.BufferUsage.UNIFORM
        for buffer in self.plan.buffers:
            self._create(
                buffer.name, buffer.nbytes, uniform if buffer.kind == "uniform" else storage
            )
        elements = {buffer.name: buffer.element_bytes for buffer in self.plan.buffers}
        for part, words in contents(self.plan, subject):
            if words.size:
                self.write(part.buffer, words, part.offset * elements[part.buffer])
        self._create("params", PARAMS.itemsize, uniform)
        self._create("table", TABLE_BYTES, storage)
        self._pipelines: dict[tuple[str, str], tuple[Any, Any]] = {}

    def _create(self, name: str, size: int, usage: int) -> None:
        usage |= self.wgpu.BufferUsage.COPY_DST | self.wgpu.BufferUsage.COPY_SRC
        old = self.buffers.pop(name, None)
        if old is not None:
            old.destroy()
        self.buffers[name] = self.device.create_buffer(label=name, size=size, usage=usage)
        self.sizes[name] = size

    def write(self, name: str, data: npt.NDArray[Any], offset: int = 0) -> None:
        """Write an array into buffer ``name`` at a byte offset."""
        self.device.queue.write_buffer(self.buffers[name], offset, np.ascontiguousarray(data))

    def reserve(self, name: str, size: int) -> None:
        """Make ``output`` or ``points`` hold at least ``size`` bytes."""
        size = max(256, -(-size // 256) * 256)
        if self.sizes.get(name, 0) < size:
            self._create(name, size, self.wgpu.BufferUsage.STORAGE)

    def read(self, size: int) -> bytes:
        """The first ``size`` bytes of the output."""
        return bytes(self.device.queue.read_buffer(self.buffers["output"], 0, -(-size // 4) * 4))

    def run(self, program: str, groups: tuple[int, int], entry: str = "main") -> None:
        """Run an entry point of ``program`` in that many workgroups and wait for it."""
        pipeline, layout = self._pipeline(program, entry)
        bindings = [(0, "params"), (1, "output")]
        if program == "points":
            bindings.append((3, "points"))
        elif program in ("volume", "plane"):
            bindings.append((3, "table"))
        bindings += [(buffer.binding, buffer.name) for buffer in self.plan.buffers]
        group = self.device.create_bind_group(
            layout=layout,
            entries=[
                {"binding": binding, "resource": {"buffer": self.buffers[name]}}
                for binding, name in bindings
            ],
        )
        encoder = self.device.create_command_encoder()
        compute = encoder.begin_compute_pass()
        compute.set_pipeline(pipeline)
        compute.set_bind_group(0, group)
        compute.dispatch_workgroups(*groups)
        compute.end()
        self.device.queue.submit([encoder.finish()])
        self.read(4)  # returns when the work is done

    def _pipeline(self, program: str, entry: str) -> tuple[Any, Any]:
        found = self._pipelines.get((program, entry))
        if found is not None:
            return found
        kinds = {0: "uniform", 1: "storage"}
        if program in ("points", "volume", "plane"):
            kinds[3] = "read-only-storage"
        for buffer in self.plan.buffers:
            kinds[buffer.binding] = "uniform" if buffer.kind == "uniform" else "read-only-storage"
        layout = self.device.create_bind_group_layout(
            entries=[
                {
                    "binding": binding,
                    "visibility": self.wgpu.ShaderStage.COMPUTE,
                    "buffer": {"type": kind},
                }
                for binding, kind in kinds.items()
            ]
        )
        pipeline = self.device.create_compute_pipeline(
            layout=self.device.create_pipeline_layout(bind_group_layouts=[layout]),
            compute={
                "module": self.device.create_shader_module(
                    label=program, code=self.plan.text(program)
                ),
                "entry_point": entry,
            },
        )
        self._pipelines[program, entry] = pipeline, layout
        return pipeline, layout

    @property
    def nbytes(self) -> int:
        """Bytes of all GPU buffers that are held now."""
        return sum(self.sizes.values())

    def destroy(self) -> None:
        """Free the GPU memory; nothing can be drawn afterwards."""
        for buffer in self.buffers.values():
            buffer.destroy()
        self.buffers.clear()
        self.sizes.clear()
