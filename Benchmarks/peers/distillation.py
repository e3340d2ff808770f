"""DINO as facebookresearch/dino trains it, in PyTorch and as fast as we know to write it there: backbone, head, loss, step."""
import contextlib

import torch
import torch.nn.functional as F
from timm.models.vision_transformer import VisionTransformer

import networks
from extents import DEPTH, HEAD_BOTTLENECK, HEAD_HIDDEN, extents

STUDENT_TEMPERATURE, TEACHER_TEMPERATURE, CENTER_MOMENTUM, TEACHER_MOMENTUM = 0.1, 0.04, 0.9, 0.996
LEARNING_RATE, WEIGHT_DECAY, CLIP = 5e-4, 0.04, 3.0


class Backbone(VisionTransformer):
    """timm's, with the table of positions resampled as Medoid's training does (bicubic, not antialiased)."""

    def _pos_embed(self, x):
        batch, rows, columns, width = x.shape
        table = self.pos_embed
        if rows * columns + 1 != table.shape[1]:
            side = round((table.shape[1] - 1) ** 0.5)
            grid = table[:, 1:].reshape(1, side, side, width).permute(0, 3, 1, 2)
            grid = F.interpolate(grid, size=(rows, columns), mode="bicubic", align_corners=False)
            table = torch.cat([table[:, :1], grid.flatten(2).transpose(1, 2)], 1)
        return torch.cat([self.cls_token.expand(batch, -1, -1), x.reshape(batch, -1, width)], 1) + table


class Head(torch.nn.Module):
    def __init__(self, width, outputs, hidden=HEAD_HIDDEN):
        super().__init__()
        self.mlp = torch.nn.Sequential(
            torch.nn.Linear(width, hidden), torch.nn.GELU(), torch.nn.Linear(hidden, hidden), torch.nn.GELU(),
            torch.nn.Linear(hidden, HEAD_BOTTLENECK))
        self.last_layer = torch.nn.Module()
        self.last_layer.weight_g = torch.nn.Parameter(torch.ones(outputs, 1), requires_grad=False)
        self.last_layer.weight_v = torch.nn.Parameter(torch.empty(outputs, HEAD_BOTTLENECK))

    def forward(self, x):
        x = F.normalize(self.mlp(x), dim=-1)
        return F.linear(x, F.normalize(self.last_layer.weight_v, dim=1))


class Network(torch.nn.Module):
    def __init__(self, model, side, outputs, depth=DEPTH, hidden=HEAD_HIDDEN):
        super().__init__()
        self.backbone = networks.backbone(model, side, Backbone, depth, dynamic_img_size=True)
        self.head = Head(extents(model)[0], outputs, hidden)

    def tensors(self):
        """By the names that Medoid has for them."""
        return {n.removeprefix("backbone."): p for n, p in self.state_dict().items()}

    def take(self, tensors):
        self.load_state_dict({n if n.startswith("head.") else "backbone." + n: p for n, p in tensors.items()})

    def forward(self, groups):
        return self.head(torch.cat([self.backbone(group) for group in groups]))


def loss_of(teacher, student, center, crops):
    """The cross-entropy of every global crop of the teacher with every other crop of the student, crop-major rows."""
    targets = F.softmax((teacher.float() - center) / TEACHER_TEMPERATURE, dim=-1).chunk(2)
    logs = F.log_softmax(student.float() / STUDENT_TEMPERATURE, dim=-1).chunk(crops)
    both = targets[0] + targets[1]
    total = (targets[1] * logs[0]).sum() + (targets[0] * logs[1]).sum()
    for local in logs[2:]:
        total = total + (both * local).sum()
    return -total / (2 * (crops - 1) * len(both))


class Trainer:
    def __init__(self, student, teacher, crops, autocast, compiled):
        self.student, self.teacher, self.crops, self.autocast = student, teacher, crops, autocast
        teacher.requires_grad_(False)
        self.parameters = [p for p in student.parameters() if p.requires_grad]
        self.averages = [t for t, p in zip(teacher.parameters(), student.parameters()) if p.requires_grad]
        decayed = [p for p in self.parameters if p.dim() > 1 and p.shape[0] > 1]
        free = [p for p in self.parameters if not (p.dim() > 1 and p.shape[0] > 1)]
        self.optimizer = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": WEIGHT_DECAY}, {"params": free, "weight_decay": 0}], lr=LEARNING_RATE,
            fused=True)
        self.center = torch.zeros(student.head.last_layer.weight_v.shape[0])
        self.study = torch.compile(student, dynamic=False) if compiled else student
        self.teach = torch.compile(teacher, dynamic=False) if compiled else teacher
        self.loss_of = torch.compile(loss_of, dynamic=False) if compiled else loss_of

    def step(self, global_crops, local_crops):
        context = torch.autocast("cpu", torch.bfloat16) if self.autocast else contextlib.nullcontext()
        with context:
            with torch.no_grad():
                taught = self.teach([global_crops])
            studied = self.study([global_crops, local_crops])
        loss = self.loss_of(taught, studied, self.center, self.crops)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        gradients = [p.grad for p in self.parameters]
        norms = torch._foreach_norm(gradients)
        torch._foreach_mul_(gradients, [(CLIP / (n + 1e-6)).clamp(max=1) for n in norms])
        self.optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(self.averages, self.parameters, 1 - TEACHER_MOMENTUM)
            self.center.lerp_(taught.float().mean(0), 1 - CENTER_MOMENTUM)
        return loss.item()
