// Which instruction set all kernels use, decided once.
#pragma once

/// 4 for x86-64-v4, 3 for x86-64-v3, 0 for whatever every machine has.
int kernels_level(void);
