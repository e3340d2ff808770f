"""The same small networks saved as every published code saves them: what their import must all come to is in
checkpoints/<network>.safetensors under our names. `families.py` shows that these tensors under these names give the libraries'
own numbers; here each library's own class or torch.save itself writes the file.

torch 2.15.0, timm 1.0.31, transformers 5.23.0, safetensors. Run: python checkpoints.py (writes checkpoints/)
"""

import argparse
import json
import shutil
from collections import OrderedDict
from pathlib import Path

import timm
import torch
from networks import IMAGE, PATCH, Family
from safetensors.torch import load_file, save_file
from timm.models.eva import Eva

torch.set_num_threads(1)
HERE = Path(__file__).parent / "checkpoints"
shutil.rmtree(HERE, ignore_errors=True)
HERE.mkdir()

NETWORKS = {
    "plain": Family("timm", width=8, hidden=32),
    "scaled": Family("timm", width=8, hidden=32, layer_scale=True),
    "registers": Family("timm_registers", width=8, hidden=32, layer_scale=True, registers=3),
    "gated": Family("timm", width=8, hidden=24, gated=True, layer_scale=True),
    "rotary": Family("dinov3", width=16, hidden=24, layer_scale=True, registers=3),
    "rotary_gated": Family("dinov3", width=16, hidden=24, gated=True, layer_scale=True, registers=3),
}
ours = {}
for number, (name, family) in enumerate(NETWORKS.items()):
    generator = torch.Generator().manual_seed(40 + number)
    # In 16 bits, so that every type of storage holds them exactly.
    ours[name] = {n: t.bfloat16().half().float().clone() for n, t in
                  family.draw(lambda _, shape: torch.randn(shape, generator=generator)).items()}
    save_file(ours[name], HERE / f"{name}.safetensors")


def drawn(shape, seed=5):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def ordered(tensors):
    """A state dictionary as modules give it, with its attribute of versions."""
    state = OrderedDict(tensors)
    state._metadata = OrderedDict({"": {"version": 1}})
    return state


def save(value, name, **arguments):
    torch.save(value, HERE / name, **arguments)


# timm: a classifier, and variants of storage.
plain = ours["plain"]
head = {"head.weight": drawn((5, 8)), "head.bias": torch.zeros(5)}
model = timm.models.vision_transformer.VisionTransformer(
    img_size=IMAGE, patch_size=PATCH, embed_dim=8, depth=2, num_heads=2, num_classes=5)
model.load_state_dict(plain | head)
save(model.state_dict(), "timm.pth")
save(model.state_dict(), "timm_legacy.pth", _use_new_zipfile_serialization=False)
save(model, "timm_module.pt")
for kind in (torch.float64, torch.float16, torch.bfloat16):
    tensors = {n: t.to(kind) for n, t in plain.items()}
    save(tensors, f"timm_{str(kind).split('.')[1]}.pth")
    save_file(tensors, HERE / f"timm_{str(kind).split('.')[1]}.safetensors")
# All tensors views of one storage, matrices transposed in it.
flat = torch.cat([(t.t() if t.ndim == 2 else t).reshape(-1) for t in plain.values()])
views, offset = {}, 0
for n, t in plain.items():
    view = flat[offset:offset + t.numel()]
    views[n] = view.view(t.shape[::-1]).t() if t.ndim == 2 else view.view(t.shape)
    offset += t.numel()
assert not views["norm.weight"].is_contiguous() or views["blocks.0.attn.proj.weight"].stride() == (1, 8)
save(views, "timm_views.pth")
save(views, "timm_views_legacy.pth", _use_new_zipfile_serialization=False)
save({n: torch.nn.Parameter(t) for n, t in plain.items()}, "timm_parameters.pth", pickle_protocol=4)

# DINO: student, teacher, optimiser, arguments and loss.
student = {"module.backbone." + n: t + 1 for n, t in plain.items()}
projector = {f"head.mlp.{i}.{k}": drawn((4, 4) if k == "weight" else (4,)) for i in (0, 2, 4) for k in ("weight", "bias")}
projector |= {"head.last_layer.weight_g": torch.ones(6, 1), "head.last_layer.weight_v": drawn((6, 4))}
save({
    "student": ordered(student | {"module." + n: t for n, t in projector.items()}),
    "teacher": ordered({"backbone." + n: t for n, t in plain.items()} | projector),
    "optimizer": {"state": {0: {"step": torch.tensor(3.0), "exp_avg": drawn((8,))}}, "param_groups": [{"lr": 5e-4, "params": [0]}]},
    "epoch": 7,
    "args": argparse.Namespace(arch="vit_tiny", patch_size=PATCH, lr=5e-4, output_dir=Path("out")),
    "dino_loss": {"center": torch.zeros(1, 6)},
}, "dino.pth")
# DataParallel around a backbone, levels of dictionaries, compiled.
save({"state_dict": {"module._orig_mod.encoder." + n: t for n, t in plain.items()}, "epoch": 3}, "wrapped.pth")

# DINOv2's own: the release, a checkpoint of training in chunks under FSDP, registers, giant's gated layers.
mask = {"mask_token": torch.zeros(1, 8)}
scaled = ours["scaled"]
save(ordered(scaled | mask), "dinov2.pth")


def chunked(name):
    return name.replace("blocks.1.", "blocks.1.1.").replace("blocks.0.", "blocks.0.0._fsdp_wrapped_module.")


teacher = {"backbone._fsdp_wrapped_module." + chunked(n): t for n, t in (scaled | mask).items()}
save({"model": {"student." + n: t * 2 for n, t in teacher.items()} | {"teacher." + n: t for n, t in teacher.items()}
      | {"teacher.dino_head.last_layer.weight": drawn((3, 4))}, "iteration": 12}, "dinov2_training.pth")
registers = ours["registers"]
# The official table has a place for the class token; what it adds is added to the token here, to be the same network.
official = {("register_tokens" if n == "reg_token" else n): t for n, t in registers.items()}
save(ordered(official | mask), "dinov2_registers.pth")
gated = ours["gated"]
save(ordered({n.replace("mlp.fc1", "mlp.w12").replace("mlp.fc2", "mlp.w3"): t for n, t in (gated | mask).items()}),
     "dinov2_gated.pth")

# timm's of the same, and open_clip around timm.
for name, tensors in (("registers", registers), ("gated", gated), ("scaled", scaled)):
    family = NETWORKS[name]
    module = family.module()
    module.load_state_dict(family.theirs(tensors))
    save_file(module.state_dict(), HERE / f"timm_{name}.safetensors")
text = {"text.transformer.embeddings.word_embeddings.weight": drawn((4, 4)), "logit_scale": torch.tensor(4.6),
        "visual.head.proj.weight": drawn((4, 8)), "text.transformer.embeddings.position_ids": torch.arange(4).expand(1, -1)}
save({"visual.trunk." + n: t for n, t in plain.items()} | text, "open_clip.bin")

# DINOv3's own, with the mask over the keys' bias, and timm's.
for name in ("rotary", "rotary_gated"):
    tensors, family = ours[name], NETWORKS[name]
    periods = (100 ** (2 * torch.arange(2) / 4.0)).bfloat16()
    official = {"rope_embed.periods": periods, "mask_token": torch.zeros(1, 16)}
    eva = {}
    for n, t in tensors.items():
        if n.endswith("qkv.bias"):
            q, k, v = t.chunk(3)
            official[n] = torch.cat([q, torch.full_like(k, 3), v])
            official[n + "_mask"] = torch.cat([torch.ones(16), torch.zeros(16), torch.ones(16)])
            eva[n.replace("qkv.bias", "q_bias")], eva[n.replace("qkv.bias", "v_bias")] = q, v
        elif "mlp.fc1" in n and family.gated:
            official[n.replace("fc1", "w1")], official[n.replace("fc1", "w2")] = (x.clone() for x in t.chunk(2))
            eva[n.replace("fc1", "fc1_g")], eva[n.replace("fc1", "fc1_x")] = t.chunk(2)
        else:
            official[n.replace("reg_token", "storage_tokens").replace("fc2", "w3" if family.gated else "fc2")] = t
            eva[n.replace("ls1.gamma", "gamma_1").replace("ls2.gamma", "gamma_2")] = t
    save(official, f"dinov3_{name}.pth")
    module = Eva(img_size=IMAGE, patch_size=PATCH, embed_dim=16, depth=2, num_heads=2, num_classes=0, mlp_ratio=1.5,
                 init_values=1e-5, rope_type="dinov3", use_rot_pos_emb=True, use_abs_pos_emb=False, num_reg_tokens=3,
                 use_fc_norm=False, qkv_bias=True, swiglu_mlp=family.gated, swiglu_align_to=8, global_pool="token", class_token=True)
    missing = module.load_state_dict(eva, strict=False)
    assert not missing.unexpected_keys and all("k_bias" in k for k in missing.missing_keys), missing
    save_file(module.state_dict(), HERE / f"timm_{name}.safetensors")

# transformers: its files' names, and with them its configuration; and the names of its modules.
for name, library, source in (("vit", "vit", "plain"), ("dinov2", "dinov2", "scaled"),
                              ("dinov2_registers", "dinov2_registers", "registers"), ("dinov3", "dinov3", "rotary"),
                              ("dinov3_gated", "dinov3", "rotary_gated")):
    network = NETWORKS[source]
    family = Family(library, width=network.width, hidden=network.hidden, gated=network.gated,
                    layer_scale=network.layer_scale, registers=network.registers)
    has_key_bias = library != "dinov3"
    module = family.module(has_key_bias)
    module.load_state_dict(family.theirs(ours[source], has_key_bias))
    module.save_pretrained(HERE / f"hf_{name}")
    save(module.state_dict(), f"hf_{name}_modules.bin")
pooled = load_file(HERE / "hf_vit/model.safetensors")
pooled = {"vit." + n: t for n, t in pooled.items()} | {"classifier.weight": drawn((2, 8)), "classifier.bias": torch.zeros(2)}
save(pooled, "hf_vit/pytorch_model.bin")
(HERE / "hf_dinov2/preprocessor_config.json").write_text(json.dumps(
    {"do_normalize": True, "image_mean": [0.5307] * 3, "image_std": [0.2583] * 3, "size": {"shortest_edge": 518}}))
# Dinov2 giant's gated layer, as its files have it (transformers' class fixes the hidden width by a rule of its own).
dinov2 = load_file(HERE / "hf_dinov2/model.safetensors")
giant = {n: t for n, t in dinov2.items() if ".mlp." not in n}
for n, t in gated.items():
    if ".mlp." in n:
        giant["encoder.layer." + n.removeprefix("blocks.").replace("fc1", "weights_in").replace("fc2", "weights_out")] = t
for n, t in Family("dinov2", width=8, hidden=32, layer_scale=True).theirs({**scaled, **{n: t for n, t in gated.items() if ".mlp." not in n}}).items():
    disk = n
    for letter, word in zip("qkv", ("query", "key", "value")):
        disk = disk.replace(f"attention.{letter}_proj", f"attention.attention.{word}")
    disk = disk.replace("attention.o_proj", "attention.output.dense")
    if ".mlp." not in disk:
        assert disk in giant, disk
        giant[disk] = t
save_file({n: t.contiguous() for n, t in giant.items()}, HERE / "hf_dinov2_gated.safetensors")

for path in sorted(HERE.rglob("*")):
    if path.is_file():
        path.chmod(0o644)
        assert path.stat().st_size < 60_000, path
print(sum(p.stat().st_size for p in HERE.rglob("*") if p.is_file()), "bytes in", len(list(HERE.rglob("*"))), "files")
