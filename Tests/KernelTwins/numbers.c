#include "twins.h"

static float of_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

// Every bf16 there is comes back; f32 goes to the nearest, ties to even. Units for bf16 may take numbers below f32's normal ones
// as zero.
void check_numbers(void) {
  uint16_t *halves = room(2 * 65536), *back = room(2 * 65536);
  float *wide = room(4 * 65536);
  for (size_t i = 0; i < 65536; ++i) halves[i] = (uint16_t)i;
  widen(wide, halves, number_bf16, 65536);
  convert(back, number_bf16, wide, 65536);
  for (size_t i = 0; i < 65536; ++i) {
    uint32_t bits;
    memcpy(&bits, &wide[i], 4);
    expect(bits != (uint32_t)i << 16, 0.5, "widened", "%zx", i);
    const float x = of_bits((uint32_t)i << 16);
    const int isTiny = (i & 0x7f80) == 0 && back[i] == (i & 0x8000);
    expect(x == x ? back[i] != i && !isTiny : !isnan(number_at(back, i, number_bf16)), 0.5, "there and back", "%zx", i);
  }
  for (size_t i = 0; i < 65536; ++i) {
    // Half of them around the middle between two bf16.
    const uint32_t bits = (uint32_t)(i % 2 ? random_bits() : (random_bits() & 0xffff0000u) + 0x7fff + i / 2 % 3);
    wide[i] = of_bits(bits);
  }
  convert(back, number_bf16, wide, 65536);
  for (size_t i = 0; i < 65536; ++i) {
    const float x = wide[i];
    uint32_t bits;
    memcpy(&bits, &x, 4);
    const uint32_t down = bits >> 16, rest = bits & 0xffff;
    const uint32_t nearest = down + (rest > 0x8000 || (rest == 0x8000 && (down & 1)));
    const int isTiny = fabsf(x) < 0x1p-126f && (back[i] & 0x7fff) == 0;
    expect(x == x ? back[i] != nearest && !isTiny : !isnan(number_at(back, i, number_bf16)), 0.5, "rounded", "%x", bits);
  }
  release();
  for (int type = number_f32; type <= number_bf16; ++type) {
    for (size_t count = 0; count <= 70; ++count) {
      const operand x = random_operand(count, number_f32);
      void *y = room(count * (type == number_bf16 ? 2 : 4));
      float *z = room(count * 4);
      convert(y, type, x.numbers, count);
      widen(z, y, type, count);
      for (size_t i = 0; i < count; ++i) {
        expect(fabs(number_at(y, i, type) - x.values[i]), rounding(type, x.values[i]), "converted", "%zu, type %d", count, type);
        expect(z[i] != number_at(y, i, type), 0.5, "widened", "%zu, type %d", count, type);
      }
      release();
    }
  }
}
