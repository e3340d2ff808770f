#include "InstructionSet.h"
#include "Kernels.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(__linux__) && defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>

// Whether there are tiles of bf16 and the system lets this process use them. It must ask: they are much to save at a switch.
static int has_amx(void) {
  unsigned int a, b, c, d;
  const unsigned int tilesAndBF16 = 1u << 24 | 1u << 22;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & tilesAndBF16) != tilesAndBF16) return 0;
  const int requestPermission = 0x1023, tileData = 18;  // <asm/prctl.h>, which older systems lack
  return syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
}
#elif defined(__x86_64__)
static int has_amx(void) { return 0; }
#endif

static const struct {
  const char *name;
  int level;
} names[] = {
    {"x86-64", level_base},         {"portable", level_base},           {"x86-64-v3", level_v3},
    {"x86-64-v4", level_v4},        {"x86-64-v4+bf16", level_v4_bf16},  {"x86-64-v4+amx", level_amx},
    {"amx-emulated", level_amx_emulated},
};

static int best_level(void) {
  const char *wish = getenv("KERNELS_INSTRUCTION_SET");
  int highest = level_amx;
  for (size_t i = 0; wish && i < sizeof names / sizeof *names; ++i)
    if (!strcmp(wish, names[i].name)) highest = names[i].level;
  if (highest == level_amx_emulated) return highest;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (highest >= level_v4 && __builtin_cpu_supports("x86-64-v4")) {
    if (highest == level_v4 || !__builtin_cpu_supports("avx512bf16")) return level_v4;
    return highest == level_amx && has_amx() ? level_amx : level_v4_bf16;
  }
  if (highest >= level_v3 && __builtin_cpu_supports("x86-64-v3")) return level_v3;
#endif
  return level_base;
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
  switch (kernels_level()) {
    case level_amx:
    case level_v4_bf16:
    case level_v4: return "x86-64-v4";
    case level_v3: return "x86-64-v3";
    case level_amx_emulated: return "amx-emulated";
  }
#if defined(__x86_64__)
  return "x86-64";
#else
  return "portable";
#endif
}

const char *kernels_bf16(void) {
  switch (kernels_level()) {
    case level_amx: return "amx-bf16";
    case level_v4_bf16: return "avx512-bf16";
    case level_amx_emulated: return "amx-emulated";
  }
  return "";
}
