// Which instruction set all kernels use, decided once.
#pragma once

enum {
  /// What every machine has.
  level_base = 0,
  /// The same with AMX tiles played in C, for tests.
  level_amx_emulated = 1,
  level_v3 = 3,
  level_v4 = 4,
  /// With products of bf16 pairs.
  level_v4_bf16 = 5,
  /// With products of bf16 tiles too.
  level_amx = 6,
};

int kernels_level(void);
