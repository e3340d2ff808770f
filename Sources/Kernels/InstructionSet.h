// Which instruction set all kernels use, decided once.
#pragma once

/// 5 for x86-64-v4 with products of bf16 pairs, 4 for x86-64-v4, 3 for x86-64-v3, 0 for whatever every machine has.
int kernels_level(void);
