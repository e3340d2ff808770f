#include "twins.h"

#include <stdarg.h>
#include <stdio.h>

// Beyond the end lie numbers that are none, to be found as they were; a checker of addresses does that better.
#if __has_feature(address_sanitizer)
enum { margin = 0 };
#else
enum { margin = 4096 };
#endif
static struct {
  unsigned char *start;
  size_t bytes;
} *rooms;
static size_t roomCount, roomLimit;

void *room(size_t bytes) {
  if (roomCount == roomLimit) {
    roomLimit = 2 * roomLimit + 64;
    rooms = realloc(rooms, roomLimit * sizeof *rooms);
  }
  unsigned char *start = malloc(bytes + margin);
  memset(start + bytes, 0xff, margin);
  rooms[roomCount].start = start;
  rooms[roomCount++].bytes = bytes;
  return start;
}

void release(void) {
  while (roomCount) {
    --roomCount;
    const unsigned char *end = rooms[roomCount].start + rooms[roomCount].bytes;
    size_t kept = 0;
    while (kept < margin && end[kept] == 0xff) ++kept;
    expect(kept < margin, 0.5, "written beyond the end", "%zu bytes", rooms[roomCount].bytes);
    free(rooms[roomCount].start);
  }
}

static uint64_t state = 1;
// SplitMix64 (Steele, Lea, Flood 2014).
uint64_t random_bits(void) {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}
size_t random_between(size_t least, size_t most) { return least + random_bits() % (most - least + 1); }
double random_number(void) {
  double total = -2;
  for (int i = 0; i < 4; ++i) total += (double)(random_bits() >> 40) * 0x1p-24;
  return total * sqrt(3);
}

void *at(const void *numbers, size_t i, int type) { return (char *)numbers + i * (type == number_bf16 ? 2 : 4); }

double number_at(const void *numbers, size_t i, int type) {
  float x;
  if (type == number_bf16) {
    uint16_t half;
    memcpy(&half, at(numbers, i, type), 2);
    const uint32_t word = (uint32_t)half << 16;
    memcpy(&x, &word, 4);
  } else {
    memcpy(&x, at(numbers, i, type), 4);
  }
  return x;
}

static void set(void *numbers, size_t i, int type, float x) {
  uint32_t word;
  memcpy(&word, &x, 4);
  const uint16_t half = x == x ? (word + 0x7fff + ((word >> 16) & 1)) >> 16 : 0x7fc0;
  if (type == number_bf16) memcpy(at(numbers, i, type), &half, 2);
  else memcpy(at(numbers, i, type), &x, 4);
}

operand random_rows(size_t rows, size_t width, size_t stride, int type) {
  const size_t padded = type == number_bf16 ? (width + 1) / 2 * 2 : width;
  const size_t count = rows ? (rows - 1) * stride + padded : 0;
  const operand x = {type, room(count * (type == number_bf16 ? 2 : 4)), room(count * sizeof(double))};
  for (size_t i = 0; i < count; ++i) {
    set(x.numbers, i, type, i % stride < padded ? (float)random_number() : NAN);
    x.values[i] = number_at(x.numbers, i, type);
  }
  return x;
}
operand random_operand(size_t count, int type) {
  const operand x = {type, room(count * (type == number_bf16 ? 2 : 4)), room(count * sizeof(double))};
  for (size_t i = 0; i < count; ++i) {
    set(x.numbers, i, type, (float)random_number());
    x.values[i] = number_at(x.numbers, i, type);
  }
  return x;
}
float *random_floats(size_t count) { return random_operand(count, number_f32).numbers; }

double rounding(int type, double wanted) { return (type == number_bf16 ? 0x1.01p-8 : 0x1.01p-24) * fabs(wanted); }

static size_t checks, failures;
static double worst;

void expect(double error, double tolerance, const char *what, const char *facts, ...) {
  ++checks;
  if (error == 0) return;
  if (error / tolerance > worst) worst = error / tolerance;
  if (error <= tolerance) return;
  if (++failures > 20) return;
  fprintf(stderr, "wrong: %s, error %.3g, tolerance %.3g: ", what, error, tolerance);
  va_list list;
  va_start(list, facts);
  vfprintf(stderr, facts, list);
  va_end(list);
  fputc('\n', stderr);
}

static const struct {
  const char *name;
  void (*check)(void);
} topics[] = {
    {"products", check_products}, {"attention", check_attention}, {"layer norm", check_layer_norm},
    {"activations", check_activations}, {"rows", check_rows}, {"numbers", check_numbers},
    {"optimiser", check_optimiser},
    {"pictures", check_pictures}, {"augmentation", check_augmentation},
};

/// Says which kernels it checked and how near the tolerances they came; status 1 where one is wrong.
int main(void) {
  printf("%s %s\n", kernels_instruction_set(), kernels_bf16());
  size_t wrong = 0;
  for (size_t i = 0; i < sizeof topics / sizeof *topics; ++i) {
    checks = failures = 0;
    worst = 0;
    topics[i].check();
    release();
    printf("  %-12s %8zu checks, the worst error %.2f of its tolerance%s\n", topics[i].name, checks, worst,
           failures ? ": WRONG" : "");
    wrong += failures;
  }
  free(rooms);
  return wrong > 0;
}
