"""Three steps of DINO as facebookresearch/dino takes them, in 64 bits: losses, every gradient, student, teacher and centre.

torch 2.15, timm 1.0.31, safetensors. Run: python distillation.py (writes distillation.safetensors beside itself).
A small timm ViT (16 px, patch 4, width 16, depth 2, 2 heads) and DINO's head; 5 images, 2 globals of 16 px, 3 locals of 8 px whose pixels
come from a linear congruential generator that the test repeats. The last layer is frozen in step 0 and free in steps 1 and 2.
Three runs: `frozen.` with the last layer's lengths fixed at one (everything is stored), `free.` with lengths trained (last layer only),
`spread.` as `frozen.` with 0.1 times DINOv2's KoLeo of each global crop's class features added to the loss (everything but the start),
`masked.` as `frozen.` with 0.5 times iBOT's loss of hidden patches (`masks`: crop, image, patch), sharing the head, and a centre of their own,
`sinkhorn.` as `masked.` with DINOv2's three rounds of Sinkhorn and Knopp in place of centres, KoLeo too, and DINO's term times 0.7.
`frozen.autocast.` is what half precision costs PyTorch: of each tensor's gradient in step 0 the relative distance |g - reference| / |reference| under
CPU autocast to bf16 (weights, residual stream and loss in 32 bits), keys' biases left out.
"""
import math
import pathlib

import numpy as np
import timm
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
BATCH, LOCALS, OUT, HIDDEN, BOTTLENECK, WIDTH = 5, 3, 24, 20, 8, 16
TEMPERATURES, STUDENT_T, MOMENTA, CENTER_M, CLIP = [0.04, 0.055, 0.07], 0.1, [0.9, 0.93, 0.96], 0.9, 0.4
RATES, DECAYS = [1e-3, 2e-3, 1.5e-3], [0.1, 0.2, 0.3]


def crops(step, size):
    """`size` multiples of 1/32768 in −1…1, exact in 32 bits."""
    state, values = (12345 + 977 * step) % 2**32, []
    for _ in range(size):
        state = (1664525 * state + 1013904223) % 2**32
        values.append((state >> 16) / 32768 - 1)
    return torch.tensor(values)


class Backbone(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.vit = timm.models.vision_transformer.VisionTransformer(
            img_size=16, patch_size=4, embed_dim=WIDTH, depth=2, num_heads=2, num_classes=0, global_pool="token")

        self.mask_token = None

    def forward(self, x, masks=None):
        v = self.vit
        tokens = v.patch_embed.proj(x).flatten(2).transpose(1, 2)
        if masks is not None:
            tokens = torch.where(masks[..., None], self.mask_token, tokens)
        side, table = x.shape[-1] // 4, v.pos_embed
        if side != 4:
            grid = table[:, 1:].reshape(1, 4, 4, WIDTH).permute(0, 3, 1, 2)
            grid = F.interpolate(grid, size=(side, side), mode="bicubic", align_corners=False)
            table = torch.cat([table[:, :1], grid.permute(0, 2, 3, 1).reshape(1, -1, WIDTH)], 1)
        h = torch.cat([v.cls_token.expand(len(x), -1, -1), tokens], 1) + table
        for block in v.blocks:
            h = block(h)
        return v.norm(h)


class Head(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.mlp = torch.nn.Sequential(
            torch.nn.Linear(WIDTH, HIDDEN), torch.nn.GELU(), torch.nn.Linear(HIDDEN, HIDDEN), torch.nn.GELU(),
            torch.nn.Linear(HIDDEN, BOTTLENECK))
        self.last_layer = torch.nn.Module()
        self.last_layer.weight_g = torch.nn.Parameter(torch.ones(OUT, 1))
        self.last_layer.weight_v = torch.nn.Parameter(torch.zeros(OUT, BOTTLENECK))

    def forward(self, x):
        x = F.normalize(self.mlp(x), dim=-1, p=2)
        v = self.last_layer.weight_v
        return F.linear(x, self.last_layer.weight_g * v / v.norm(dim=1, keepdim=True))


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone, self.head = Backbone(), Head()

    def forward(self, groups, masks=None, hidden=None):
        """Logits of class tokens and of the patches of `hidden` in the first group, of which those of `masks` are not seen."""
        tokens = [self.backbone(group, masks if i == 0 else None) for i, group in enumerate(groups)]
        self.features = torch.cat([t[:, 0] for t in tokens])
        if hidden is None:
            return self.head(self.features)
        return self.head(self.features), self.head(tokens[0][:, 1:][hidden])


def initialize(network):
    """Values well away from zero, so that no gradient drowns in rounding; rounded to 32 bits for both sides."""
    generator = torch.Generator().manual_seed(20)
    with torch.no_grad():
        for name, p in network.named_parameters():
            p.copy_(0.25 * torch.randn(p.shape, generator=generator))
            if ".norm" in name and name.endswith("weight"):
                p.add_(1)
            if name.endswith("weight_g"):
                p.fill_(1)
            p.copy_(p.float().double())


# Hidden patches by crop and image: two of the crops stay whole.
MASKS = torch.zeros(2 * BATCH, 16, dtype=torch.bool)
for crop, patches in enumerate([[0, 1, 4, 5], [], [10], [3, 7, 11], [5, 6], [12, 13, 14], [], [0, 1, 2, 3, 8], [15], [9, 10]]):
    MASKS[crop, patches] = True


def named(network):
    return {n.replace("backbone.vit.", "").replace("backbone.", ""): p for n, p in network.named_parameters()}


def koleo(x):
    """facebookresearch/dinov2's: nearest by product, then torch's pairwise distance with 1e-8."""
    x = F.normalize(x, eps=1e-8, p=2, dim=-1)
    with torch.no_grad():
        products = x @ x.T
        products.view(-1)[:: len(x) + 1].fill_(-1)
        nearest = products.argmax(dim=1)
    return -torch.log(torch.nn.PairwiseDistance(2, eps=1e-8)(x, x[nearest]) + 1e-8).mean()


def views(step):
    pixels = crops(step, BATCH * 3 * (2 * 256 + LOCALS * 64))
    return (pixels[: 2 * BATCH * 3 * 256].reshape(2 * BATCH, 3, 16, 16),
            pixels[2 * BATCH * 3 * 256 :].reshape(LOCALS * BATCH, 3, 8, 8))


def sinkhorn(logits, temperature):
    """facebookresearch/dinov2's."""
    q = torch.exp(logits / temperature).t()
    q /= q.sum()
    for _ in range(3):
        q /= q.sum(dim=1, keepdim=True)
        q /= q.shape[0]
        q /= q.sum(dim=0, keepdim=True)
        q /= q.shape[1]
    return (q * q.shape[1]).t()


def targets_of(t, center, temperature):
    return sinkhorn(t, temperature) if center is None else F.softmax((t - center) / temperature, dim=-1)


def masked_loss(targets, logits):
    """iBOT's: the mean over each crop's hidden patches, summed over crops, over all global crops."""
    each = -(targets * F.log_softmax(logits / STUDENT_T, dim=-1)).sum(-1)
    weights = (1 / MASKS.sum(-1).clamp(min=1)).unsqueeze(-1).expand_as(MASKS)[MASKS]
    return (each * weights).sum() / len(MASKS)


def distill(t, s, center, temperature):
    """The loss, and the teacher's targets."""
    targets = targets_of(t, center, temperature)
    total, terms = 0, 0
    for u, p in enumerate(targets.chunk(2)):
        for v, logits in enumerate((s / STUDENT_T).chunk(2 + LOCALS)):
            if u != v:
                total, terms = total + (-p * F.log_softmax(logits, dim=-1)).sum(-1).mean(), terms + 1
    return total / terms, targets


def without_keys(name, gradient):
    return torch.cat([gradient[:WIDTH], gradient[2 * WIDTH :]]) if name.endswith("qkv.bias") else gradient


def autocast_errors(reference):
    """Of step 0, by tensor."""
    def gradients(autocast):
        network = Network()
        initialize(network)
        network.float()
        globals_, locals_ = (x.float() for x in views(0))
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
            with torch.no_grad():
                t = network([globals_])
            s = network([globals_, locals_])
        distill(t.float(), s.float(), torch.zeros(OUT, dtype=torch.float32), TEMPERATURES[0])[0].backward()
        return {n: p.grad.double() for n, p in named(network).items()}

    half, plain, errors = gradients(True), gradients(False), {}
    for n in half:
        if f"gradient.{n}" not in reference:
            continue
        wanted = without_keys(n, torch.from_numpy(reference[f"gradient.{n}"]).double())
        distance = lambda g: ((without_keys(n, g) - wanted).norm() / wanted.norm()).item()
        assert distance(plain[n]) < 2e-5, (n, distance(plain[n]))
        errors[f"autocast.{n}"] = np.array([distance(half[n])])
    return errors


def run(trains_length, koleo_weight=0.0, ibot_weight=0.0, balances=False, dino_weight=1.0):
    student, teacher = Network(), Network()
    initialize(student)
    if ibot_weight:
        token = (0.25 * torch.randn(1, WIDTH, generator=torch.Generator().manual_seed(21))).float().double()
        student.backbone.mask_token = torch.nn.Parameter(token)
        teacher.backbone.mask_token = torch.nn.Parameter(token.clone())
    teacher.load_state_dict(student.state_dict())
    if not trains_length:
        student.head.last_layer.weight_g.requires_grad = False
    out = {f"initial.{n}": p.detach().clone() for n, p in named(student).items()}
    decayed = [p for n, p in student.named_parameters() if p.requires_grad and not (n.endswith(".bias") or p.dim() == 1)]
    others = [p for n, p in student.named_parameters() if p.requires_grad and (n.endswith(".bias") or p.dim() == 1)]
    optimizer = torch.optim.AdamW([{"params": decayed}, {"params": others, "weight_decay": 0.0}])
    center, patch_center = (None, None) if balances else (torch.zeros(OUT), torch.zeros(OUT))
    losses, entropies, spreads, patch_losses = [], [], [], []
    for step in range(3):
        globals_, locals_ = views(step)
        hidden = MASKS if ibot_weight else None
        with torch.no_grad():
            t = teacher([globals_], hidden=hidden)
        s = student([globals_, locals_], masks=hidden, hidden=hidden)
        patch_loss = 0
        if ibot_weight:
            (t, t_patches), (s, s_patches) = t, s
            patch_loss = masked_loss(targets_of(t_patches, patch_center, TEMPERATURES[step]), s_patches)
            patch_losses.append(patch_loss.item())
        loss, targets = distill(t, s, center, TEMPERATURES[step])
        losses.append(loss.item())
        entropies.append(-(targets * targets.log()).sum(-1).mean().item())
        spread = sum(koleo(x) for x in student.features[: 2 * BATCH].chunk(2))
        spreads.append(spread.item())
        optimizer.zero_grad()
        total = dino_weight * loss + koleo_weight * spread if koleo_weight else loss
        (total + ibot_weight * patch_loss).backward()
        if step == 0:
            out |= {f"gradient.{n}": p.grad.clone() for n, p in named(student).items() if p.grad is not None}
        for p in student.parameters():
            if p.grad is not None:
                factor = CLIP / (p.grad.norm(2) + 1e-6)
                if factor < 1:
                    p.grad.mul_(factor)
        if step == 0:
            for p in student.head.last_layer.parameters():
                p.grad = None
        optimizer.param_groups[0] |= {"lr": RATES[step], "weight_decay": DECAYS[step]}
        optimizer.param_groups[1] |= {"lr": RATES[step]}
        optimizer.step()
        with torch.no_grad():
            for a, b in zip(teacher.parameters(), student.parameters()):
                a.mul_(MOMENTA[step]).add_((1 - MOMENTA[step]) * b)
        if not balances:
            center = CENTER_M * center + (1 - CENTER_M) * t.mean(0)
            if ibot_weight:
                patch_center = CENTER_M * patch_center + (1 - CENTER_M) * t_patches.mean(0)
        if step == 0:
            out |= {f"student0.{n}": p.detach().clone() for n, p in named(student).items()}
            out |= {f"teacher0.{n}": p.detach().clone() for n, p in named(teacher).items()}
            out |= {} if balances else {"center0": center.clone()}
    out |= {f"student2.{n}": p.detach().clone() for n, p in named(student).items()}
    out |= {f"teacher2.{n}": p.detach().clone() for n, p in named(teacher).items()}
    out |= {} if balances else {"center2": center}
    out = {n: v.numpy().astype(np.float32) for n, v in out.items()}
    return out | {"losses": np.array(losses), "entropies": np.array(entropies), "spreads": np.array(spreads),
                  "patches": np.array(patch_losses)}


frozen, free, spread = run(False), run(True), run(False, 0.1)
masked, balanced = run(False, 0.0, 0.5), run(False, 0.1, 0.5, True, 0.7)
del frozen["spreads"], frozen["patches"], free["patches"], spread["patches"], masked["spreads"]
frozen |= autocast_errors(frozen)
tensors = {f"frozen.{n}": v for n, v in frozen.items()}
tensors |= {f"free.{n}": v for n, v in free.items() if "last_layer" in n or n in ("losses", "entropies")}
tensors |= {f"spread.{n}": v for n, v in spread.items() if not n.startswith("initial.")}
for name, result in [("masked", masked), ("sinkhorn", balanced)]:
    tensors |= {f"{name}.{n}": v for n, v in result.items() if not n.startswith(("initial.", "student0.", "teacher0.")) or n == "initial.mask_token"}
tensors["masks"] = np.ascontiguousarray(MASKS.reshape(2, BATCH, 16).nonzero().numpy(), np.int64)
save_file(tensors, pathlib.Path(__file__).with_suffix(".safetensors"))
print(spread["losses"], spread["spreads"])
print(frozen["losses"], free["losses"], frozen["entropies"], math.log(OUT), sum(v.nbytes for v in tensors.values()))
print({n: float(np.linalg.norm(v)) for n, v in frozen.items() if n.startswith("gradient")})
print({n: round(v.item(), 4) for n, v in frozen.items() if n.startswith("autocast")})
