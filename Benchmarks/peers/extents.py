"""The models by name, and how much arithmetic they are."""
WIDTHS_AND_HEADS = {"vit_tiny": (192, 3), "vit_small": (384, 6), "vit_base": (768, 12)}
DEPTH = 12
HEAD_HIDDEN, HEAD_BOTTLENECK = 2048, 256


def extents(model):
    """Width, heads and patch of a name such as `vit_small_16`."""
    arch, patch = model.rsplit("_", 1)
    return *WIDTHS_AND_HEADS[arch], int(patch)


def forward_gflop(model, side):
    """2 · multiplications of one image, attention's products included, in 10⁹."""
    width, _, patch = extents(model)
    tokens = (side // patch) ** 2 + 1
    block = 12 * width * width * tokens + 2 * tokens * tokens * width
    return 2 * (DEPTH * block + (tokens - 1) * 3 * patch * patch * width) / 1e9


def step_gflop(model, side, local_side, local_crops, outputs):
    """The same of one image in a step of DINO: the student there and back (three times forward), the teacher there."""
    width = extents(model)[0]
    head = 2 * (
        width * HEAD_HIDDEN + HEAD_HIDDEN * HEAD_HIDDEN + HEAD_HIDDEN * HEAD_BOTTLENECK + HEAD_BOTTLENECK * outputs) / 1e9
    teacher = 2 * (forward_gflop(model, side) + head)
    return 4 * teacher + 3 * local_crops * (forward_gflop(model, local_side) + head)
