"""``train``: Lightning's loop against a bare one, and the loader against decoding alone."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from benchmarks.harness import Bench, Figure, one_core, ratio, take_pairs

WARM, STEPS = 2, 12
SIZE, BATCH = 128, 4
LOADED_SIZE, WORKERS = 512, 2


def measure(bench: Bench) -> list[Figure]:
    """Milliseconds a step on one core, then milliseconds a photo with two workers."""
    from trashdata.inference.backend import import_smp

    import_smp()
    return [_loop(bench), _loader(bench)]


def _loop(bench: Bench) -> Figure:
    """The same model, batches, loss and optimizer; what differs is who turns the crank."""
    import torch

    threads = torch.get_num_threads()
    with one_core():
        torch.set_num_threads(1)
        pairs = take_pairs(
            lambda: _bare(bench.data), lambda: _ours(bench.data, bench.scratch), bench.repeats(5)
        )
        torch.set_num_threads(threads)
    return ratio(
        f"train, a step, Unet/resnet18, {BATCH} x {SIZE}x{SIZE}",
        "bare torch loop",
        pairs,
        wanted="at least 0.95",
        note="one core, the same batches; forward, loss, back, optimizer, schedule",
    )


def _data(folder: Path, size: int, batch: int, workers: int) -> Any:
    from trashdata.train.augmentations import parse_augment
    from trashdata.train.data.dataset import Photos
    from trashdata.train.data.loading import Data, Loading
    from trashdata.train.reading.sources import Sample

    from trashdata.coco.read import read_document
    from trashdata.inference.resolution import Resolution

    document = read_document(folder / "train.json")
    samples = [Sample(0, image) for image in document.images]
    photos = Photos([document], samples, folder, "auto")
    loading = Loading(
        weights=[1.0],
        resolution=Resolution("resize", size),
        augment=parse_augment("light"),
        mean=(0.485, 0.456, 0.406),
        batch_size=batch,
        workers=workers,
        seed=42,
    )
    return Data(photos, photos, loading)


def _module(data: Any) -> Any:
    import torch
    from trashdata.train.fitting.module import Names, Segmenter
    from trashdata.train.options import TrainOptions

    from trashdata.inference.architectures import ModelSpec, build_model
    from trashdata.inference.confusion import channel_names
    from trashdata.inference.resolution import Resolution
    from trashdata.inference.saved import ModelCard, classes_of

    torch.manual_seed(1)
    photos = data.train.photos
    classes = classes_of(photos.documents[0])
    spec = ModelSpec("Unet", "resnet18", "none", 1 + len(classes))
    resolution = Resolution("resize", SIZE)
    card = ModelCard(spec, classes, resolution, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    names = Names(
        [sample.image.file_name for sample in photos.samples],
        [],
        channel_names([name for _, name in classes]),
    )
    return Segmenter(
        build_model(spec),
        card,
        TrainOptions(),
        names,
        class_weights=None,
        total=1000,
        epoch_steps=100,
    )


def _bare(folder: Path) -> float:
    """Milliseconds a step of a loop as one writes it."""
    import torch
    from trashdata.train.fitting.module import normalised

    data = _data(folder, SIZE, BATCH, 0)
    module = _module(data)
    (optimizer,), (schedule,) = module.configure_optimizers()
    net = module.net.to(memory_format=torch.channels_last).train()
    mean, std = module.card.mean, module.card.std
    start = 0.0
    for index, (photos, labels, _) in enumerate(data.train_dataloader()):
        if index == WARM:
            start = time.perf_counter()
        if index == WARM + STEPS:
            break
        optimizer.zero_grad()
        loss = module.loss(net(normalised(photos, mean, std)), labels)
        loss.backward()
        optimizer.step()
        schedule["scheduler"].step()
    return 1000 * (time.perf_counter() - start) / STEPS


def _ours(folder: Path, scratch: Path) -> float:
    """Milliseconds a step of `trashdata.train`, loader included, with all of its callbacks."""
    from trashdata.train.fitting.callbacks import History
    from trashdata.train.fitting.fit import fit, make_trainer, quiet_lightning
    from trashdata.train.lightning import Callback
    from trashdata.train.options import TrainOptions

    from trashdata.console import Reporter

    class Watch(Callback):
        """Takes the time between the same two points as the bare loop."""

        start = taken = 0.0

        def on_train_batch_start(self, _: Any, __: Any, ___: Any, batch_idx: int) -> None:
            if batch_idx == WARM:
                self.start = time.perf_counter()

        def on_train_batch_end(self, *given: Any) -> None:
            if given[-1] == WARM + STEPS - 1:
                self.taken = time.perf_counter() - self.start

    data = _data(folder, SIZE, BATCH, 0)
    module = _module(data)
    reporter = Reporter()
    options = TrainOptions(epochs=1, accelerator="cpu", devices="1")
    history = History(scratch, reporter, by_difficulty=False)
    watch = Watch()
    with quiet_lightning():
        trainer = make_trainer(options, scratch, history, reporter)
    trainer.callbacks.append(watch)
    trainer.limit_val_batches = 0
    trainer.limit_train_batches = WARM + STEPS
    fit(trainer, module, data)
    return 1000 * watch.taken / STEPS


# --- the loader -----------------------------------------------------------------------------


def _loader(bench: Bench) -> Figure:
    ours = _Passes(_data(bench.data, LOADED_SIZE, 8, WORKERS).train_dataloader())
    alone = _Passes(_decoding(bench.data))
    pairs = take_pairs(alone.time, ours.time, bench.repeats(5))
    return ratio(
        f"train, loading a photo, {LOADED_SIZE}x{LOADED_SIZE}, light, {WORKERS} workers",
        "decoding alone",
        pairs,
        wanted="at least 0.6",
        note="photo, label map, augmentation, batch; against decoding in as many workers",
    )


class _Passes:
    """Milliseconds a photo of a pass over a loader whose workers stay."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self._photos = loader.batch_size * len(loader)
        for _ in loader:
            pass

    def time(self) -> float:
        start = time.perf_counter()
        for _ in self._loader:
            pass
        return 1000 * (time.perf_counter() - start) / self._photos


class Decoding:
    """Decodes JPEGs and gives nothing away."""

    def __init__(self, paths: list[Path]) -> None:
        self._paths = paths

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> int:
        import cv2
        import numpy as np

        content = np.frombuffer(self._paths[index].read_bytes(), dtype=np.uint8)
        return int(cv2.imdecode(content, cv2.IMREAD_COLOR).shape[0])


def _decoding(folder: Path) -> Any:
    from torch.utils.data import DataLoader
    from trashdata.train.data.dataset import start_worker
    from trashdata.train.data.loading import START_METHOD

    photos = _data(folder, LOADED_SIZE, 8, WORKERS).train.photos
    paths = [folder / sample.image.file_name for sample in photos.samples]
    return DataLoader(
        Decoding(paths),  # type: ignore[arg-type]
        batch_size=8,
        drop_last=True,
        num_workers=WORKERS,
        worker_init_fn=start_worker,
        persistent_workers=True,
        multiprocessing_context=START_METHOD,
    )
