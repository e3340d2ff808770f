#include "InstructionSet.h"
#include "Kernels.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static int best_level(void) {
#if defined(__x86_64__)
  const char *wish = getenv("KERNELS_INSTRUCTION_SET");
  __builtin_cpu_init();
  const int any = !wish || !strcmp(wish, "x86-64-v4+bf16");
  if (__builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512bf16") && any) return 5;
  if (__builtin_cpu_supports("x86-64-v4") && (any || !strcmp(wish, "x86-64-v4"))) return 4;
  if (__builtin_cpu_supports("x86-64-v3") && (any || strcmp(wish, "x86-64"))) return 3;
#endif
  return 0;
}

int kernels_level(void) {
  // Every thread that comes first finds the same answer, so it does not matter who stores it.
  static atomic_int known = -1;
  int level = atomic_load_explicit(&known, memory_order_relaxed);
  if (level < 0) {
    level = best_level();
    atomic_store_explicit(&known, level, memory_order_relaxed);
  }
  return level;
}

const char *kernels_instruction_set(void) {
#if defined(__x86_64__)
  const int level = kernels_level();
  return level >= 4 ? "x86-64-v4" : level == 3 ? "x86-64-v3" : "x86-64";
#else
  return "portable";
#endif
}

const char *kernels_bf16(void) {
  return kernels_level() == 5 ? "avx512-bf16" : "";
}
