"""Vision transformers of other libraries, run on weights held under timm's names: what the scripts beside this one compare with.

torch 2.15.0, timm 1.0.31, transformers 5.23.0.

`Family(...)` says what a family is; `family.draw(source)` draws its tensors, `family.run(tensors, images)` runs the library's own
class on them. The map from our tensors to the library's is differentiable, so gradients come out under our names and shapes:
a missing row (timm's reg4 models hold no position for the class token) or bias (DINOv3 has none for keys) is one of zeros.
"""

import math
from dataclasses import dataclass

import timm
import torch
import torch.nn.functional as F
import transformers
from timm.layers import SwiGLUPacked
from torch.func import functional_call
from transformers.models.dinov3_vit.modeling_dinov3_vit import apply_rotary_pos_emb

PATCH, IMAGE = 4, 16


class OfficialDINO(timm.models.vision_transformer.VisionTransformer):
    """facebookresearch/dino's `interpolate_pos_encoding` on timm's blocks: 0.1 is added to the grid, and the factor is used as given."""

    def _pos_embed(self, x):
        batch, height, width, channels = x.shape
        table = self.pos_embed
        side = int(math.sqrt(table.shape[1] - 1))
        patches = table[:, 1:]
        if not (height == width == side):
            patches = F.interpolate(
                patches.reshape(1, side, side, channels).permute(0, 3, 1, 2),
                scale_factor=((height + 0.1) / side, (width + 0.1) / side), mode="bicubic")
            assert patches.shape[-2:] == (height, width)
            patches = patches.permute(0, 2, 3, 1).reshape(1, -1, channels)
        x = torch.cat([self.cls_token.expand(batch, -1, -1), x.reshape(batch, -1, channels)], 1)
        return x + torch.cat([table[:, :1], patches], 1)


@dataclass
class Family:
    """library: timm, timm_registers, dino, vit, dinov2, dinov2_registers, dinov3."""

    library: str
    width: int = 16
    heads: int = 2
    hidden: int = 64
    depth: int = 2
    gated: bool = False
    layer_scale: bool = False
    registers: int = 0

    @property
    def rotary(self):
        return self.library == "dinov3"

    @property
    def ours(self):
        """Shapes by name, in the order in which they are saved."""
        d, h = self.width, self.hidden
        shapes = {"cls_token": (1, 1, d)}
        if self.registers:
            shapes["reg_token"] = (1, self.registers, d)
        if not self.rotary:
            shapes["pos_embed"] = (1, 1 + (IMAGE // PATCH) ** 2, d)
        shapes |= {"patch_embed.proj.weight": (d, 3, PATCH, PATCH), "patch_embed.proj.bias": (d,)}
        for i in range(self.depth):
            block = {"norm1": [(d,), (d,)], "attn.qkv": [(3 * d, d), (3 * d,)], "attn.proj": [(d, d), (d,)], "ls1": None,
                     "norm2": [(d,), (d,)], "mlp.fc1": [(h * (1 + self.gated), d), (h * (1 + self.gated),)],
                     "mlp.fc2": [(d, h), (d,)], "ls2": None}
            for name, pair in block.items():
                if pair:
                    shapes |= {f"blocks.{i}.{name}.weight": pair[0], f"blocks.{i}.{name}.bias": pair[1]}
                elif self.layer_scale:
                    shapes[f"blocks.{i}.{name}.gamma"] = (d,)
        return shapes | {"norm.weight": (d,), "norm.bias": (d,)}

    def draw(self, source):
        """Every tensor from `source(name, shape)`, spread so that attention, gates and scales all matter; 32 bits."""
        tensors = {}
        for name, shape in self.ours.items():
            centre, spread = 0.0, 1 / math.sqrt(self.width)
            if "norm" in name and name.endswith("weight"):
                centre = 1.0
            elif name.endswith("gamma"):
                centre = 0.5
            elif self.width < 32 and ("qkv" in name or name in ("cls_token", "reg_token", "pos_embed")):
                spread *= 1.4
            tensors[name] = centre + spread * source(name, shape).float()
        self.absent(tensors)
        return tensors

    def absent(self, tensors):
        """Zeros where the library's files hold nothing."""
        if self.library == "timm_registers":
            tensors["pos_embed"][:, 0] = 0
        if self.rotary:
            for i in range(self.depth):
                tensors[f"blocks.{i}.attn.qkv.bias"][self.width : 2 * self.width] = 0

    def module(self, key_bias=True):
        """The library's own class. DINOv3's gets a bias for keys, so that its gradient (at zero) is there to see."""
        d, h = self.width, self.hidden
        if self.library in ("timm", "timm_registers", "dino"):
            arguments = dict(
                img_size=IMAGE, patch_size=PATCH, embed_dim=d, depth=self.depth, num_heads=self.heads, num_classes=0,
                mlp_ratio=h * (1 + self.gated) / d, init_values=1e-5 if self.layer_scale else None, dynamic_img_size=True)
            if self.gated:
                arguments |= dict(mlp_layer=SwiGLUPacked, act_layer=torch.nn.SiLU)
            if self.registers:
                arguments |= dict(reg_tokens=self.registers, no_embed_class=True)
            kind = OfficialDINO if self.library == "dino" else timm.models.vision_transformer.VisionTransformer
            return kind(**arguments).eval()
        common = dict(hidden_size=d, num_hidden_layers=self.depth, num_attention_heads=self.heads, image_size=IMAGE,
                      patch_size=PATCH, attn_implementation="eager")
        if self.library == "vit":
            model = transformers.ViTModel(transformers.ViTConfig(**common, intermediate_size=h), add_pooling_layer=False)
        elif self.library == "dinov2":
            model = transformers.Dinov2Model(transformers.Dinov2Config(**common, mlp_ratio=h // d))
        elif self.library == "dinov2_registers":
            model = transformers.Dinov2WithRegistersModel(
                transformers.Dinov2WithRegistersConfig(**common, mlp_ratio=h // d, num_register_tokens=self.registers))
        else:
            model = transformers.DINOv3ViTModel(transformers.DINOv3ViTConfig(
                **common, intermediate_size=h, num_register_tokens=self.registers, use_gated_mlp=self.gated,
                hidden_act="silu" if self.gated else "gelu", key_bias=key_bias))
        return model.eval()

    def theirs(self, t, key_bias=True):
        """Our tensors under the library's names."""
        if self.library in ("timm", "dino"):
            return dict(t)
        if self.library == "timm_registers":
            # The class token's position, zeros in such files, is added to the token: where a file has one, this is how it counts.
            return t | {"cls_token": t["cls_token"] + t["pos_embed"][:, :1], "pos_embed": t["pos_embed"][:, 1:]}
        out = {"embeddings.cls_token": t["cls_token"]}
        if self.library != "vit":
            out["embeddings.mask_token"] = torch.zeros_like(t["cls_token"] if self.rotary else t["cls_token"][0])
        if self.registers:
            out["embeddings.register_tokens"] = t["reg_token"]
        if not self.rotary:
            out["embeddings.position_embeddings"] = t["pos_embed"]
        patches = "embeddings.patch_embeddings." + ("" if self.rotary else "projection.")
        final = "norm." if self.rotary else "layernorm."
        blocks = {"vit": "layers.", "dinov3": "model.layer."}.get(self.library, "encoder.layer.")
        norms = ("layernorm_before", "layernorm_after") if self.library == "vit" else ("norm1", "norm2")
        up, down = ("up_proj", "down_proj") if self.rotary else ("fc1", "fc2")
        for kind in ("weight", "bias"):
            out[patches + kind] = t["patch_embed.proj." + kind]
            out[final + kind] = t["norm." + kind]
            for i in range(self.depth):
                theirs, ours = f"{blocks}{i}.", f"blocks.{i}."
                for letter, part in zip("qkv", t[f"{ours}attn.qkv.{kind}"].chunk(3)):
                    if letter != "k" or kind == "weight" or key_bias:
                        out[f"{theirs}attention.{letter}_proj.{kind}"] = part
                out[f"{theirs}attention.o_proj.{kind}"] = t[f"{ours}attn.proj.{kind}"]
                out[f"{theirs}{norms[0]}.{kind}"] = t[f"{ours}norm1.{kind}"]
                out[f"{theirs}{norms[1]}.{kind}"] = t[f"{ours}norm2.{kind}"]
                first = t[f"{ours}mlp.fc1.{kind}"]
                if self.gated:
                    out[f"{theirs}mlp.gate_proj.{kind}"], out[f"{theirs}mlp.up_proj.{kind}"] = first.chunk(2)
                else:
                    out[f"{theirs}mlp.{up}.{kind}"] = first
                out[f"{theirs}mlp.{down}.{kind}"] = t[f"{ours}mlp.fc2.{kind}"]
        if self.layer_scale:
            for i in range(self.depth):
                for branch in (1, 2):
                    out[f"{blocks}{i}.layer_scale{branch}.lambda1"] = t[f"blocks.{i}.ls{branch}.gamma"]
        return out

    def run(self, tensors, images, key_bias=True):
        """Tokens [count, tokens, width] after the final norm, the stream as every block takes it, and of the last block the
        projections [count, tokens, 3 * width], after any rotation, and the attention weights [count, heads, tokens, tokens]."""
        module = self.module(key_bias).to(images.dtype)
        if self.library in ("timm", "timm_registers", "dino"):
            blocks = module.blocks
            projections = [blocks[-1].attn.qkv]
        else:
            owner = {"vit": "layers", "dinov3": "model.layer"}.get(self.library, "encoder.layer")
            blocks = module.get_submodule(owner)
            projections = [getattr(blocks[-1].attention, f"{letter}_proj") for letter in "qkv"]
        seen, projected, weights = [], {}, []
        hooks = [b.register_forward_pre_hook(lambda _, a, k: seen.append(a[0] if a else k["hidden_states"]), with_kwargs=True)
                 for b in blocks]
        for i, projection in enumerate(projections):
            hooks.append(projection.register_forward_hook(lambda _, a, y, i=i: projected.__setitem__(i, y)))
        if len(projections) == 3:
            hooks.append(blocks[-1].attention.register_forward_hook(lambda _, a, y: weights.append(y[1])))
        theirs = self.theirs(tensors, key_bias)
        assert set(theirs) == {n for n, _ in module.named_parameters()}, set(theirs) ^ {n for n, _ in module.named_parameters()}
        if len(projections) == 1:
            renamed = {"module." + n: v for n, v in theirs.items()}
            tokens = functional_call(Features(module), renamed, (images,))
        else:
            options = {"interpolate_pos_encoding": True} if self.library == "vit" else {}
            tokens = functional_call(module, theirs, (images,), options).last_hidden_state
        for hook in hooks:
            hook.remove()
        if self.rotary:
            self.turn(module, images, projected)
        qkv = torch.cat([projected[i] for i in range(len(projections))], -1)
        if not weights:
            count, rows, _ = qkv.shape
            q, k, _ = qkv.reshape(count, rows, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            weights.append((q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).softmax(-1))
        return tokens, seen, qkv, weights[0]

    def turn(self, module, images, projected):
        """Queries and keys by the library's own rotation."""
        heads = [projected[i].unflatten(-1, (self.heads, -1)).transpose(1, 2) for i in (0, 1)]
        for i, turned in enumerate(apply_rotary_pos_emb(*heads, *module.rope_embeddings(images))):
            projected[i] = turned.transpose(1, 2).flatten(2)


class Features(torch.nn.Module):
    """timm's `forward_features` as a module of its own, so that it can be called with other tensors."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, images):
        return self.module.forward_features(images)
