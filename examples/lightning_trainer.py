"""Lightning: the trainer steps, once an epoch unless `"interval"` is `"step"`."""

import tempfile
import warnings

import lightning as L
import torch
from lightning.pytorch.callbacks import LearningRateMonitor
from torch.utils.data import DataLoader, TensorDataset

import lrsched_book as lb

PEAK, EPOCHS, ACCUMULATE = 0.1, 3, 2  # two micro-batches make one update
FOLDER = tempfile.mkdtemp()


class Diagnose(L.Callback):
    def on_train_start(self, trainer, module):
        if trainer.global_step:
            return  # resumed: it was said at the start
        for config in trainer.lr_scheduler_configs:
            updates, epochs = trainer.estimated_stepping_batches, trainer.max_epochs
            steps = updates if config.interval == "step" else epochs
            if found := lb.diagnose(config.scheduler, steps):
                warnings.warn(str(found), stacklevel=2)


class Net(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer, self.used = torch.nn.Linear(4, 1), []

    def training_step(self, batch):
        return torch.nn.functional.mse_loss(self.layer(batch[0]), batch[1])

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=PEAK)
        steps = self.trainer.estimated_stepping_batches  # updates, not batches
        schedule = lb.cosine(steps - 4, final=0.01).with_warmup(4)
        scheduler = lb.attach(optimizer, schedule)
        return [optimizer], [{"scheduler": scheduler, "interval": "step"}]

    def on_before_optimizer_step(self, optimizer):
        self.used.append(lb.rates(optimizer))


net, data = Net(), TensorDataset(torch.randn(160, 4), torch.randn(160, 1))
watch = [Diagnose(), LearningRateMonitor("step")]
options = {"log_every_n_steps": 1, "default_root_dir": FOLDER, "callbacks": watch}
trainer = L.Trainer(max_epochs=EPOCHS, accumulate_grad_batches=ACCUMULATE, **options)
trainer.fit(net, DataLoader(data, batch_size=8, shuffle=True))
used = net.used
print(*(f"{rate:.4f}" for rate in used), f"\ntensorboard --logdir {FOLDER}")
