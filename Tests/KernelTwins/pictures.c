#include "twins.h"

static void check_samples(int bytes, size_t count) {
  const size_t step = random_bits() % 2 ? 1 : 3, patterns = (size_t)1 << (8 * bytes);
  const float *table = random_floats(patterns);
  uint8_t *source = room(bytes * (count ? (count - 1) * step + 1 : 0));
  for (size_t i = 0; count && i < bytes * ((count - 1) * step + 1); ++i) source[i] = (uint8_t)random_bits();
  float *found = room(4 * count), *scaled = room(4 * count);
  picture_look_up(source, bytes, step, count, table, found);
  picture_scale(source, bytes, step, count, 1.0f / 255, scaled);
  for (size_t i = 0; i < count; ++i) {
    const size_t at = i * step * bytes, sample = bytes == 1 ? source[at] : source[at] | (size_t)source[at + 1] << 8;
    expect(found[i] != table[sample], 0.5, "look-up", "%d bytes, %zu", bytes, count);
    expect(scaled[i] != (float)sample * (1.0f / 255), 0.5, "scale", "%d bytes, %zu", bytes, count);
  }
}

static void check_triples(int bytes, size_t count) {
  uint8_t *source = room(3 * count * bytes), *first = room(count * bytes);
  for (size_t i = 0; i < count; ++i)
    for (int k = 0; k < bytes; ++k) source[3 * i * bytes + k] = (uint8_t)random_bits();
  for (size_t i = 0; i < count; ++i)
    for (int c = 1; c < 3; ++c) memcpy(source + (3 * i + c) * bytes, source + 3 * i * bytes, bytes);
  expect(picture_is_grey(source, bytes, count) != 1, 0.5, "grey", "%zu", count);
  picture_first_of_three(source, bytes, count, first);
  for (size_t i = 0; i < count; ++i)
    expect(memcmp(first + i * bytes, source + 3 * i * bytes, bytes) != 0, 0.5, "first of three", "%zu", count);
  if (count) {
    source[random_between(0, count - 1) * 3 * bytes + random_between(0, 3 * bytes - 1)] ^= 4;
    expect(picture_is_grey(source, bytes, count) != 0, 0.5, "no grey", "%zu", count);
  }
}

static void check_added_rows(size_t count) {
  const operand row = random_operand(3 * count, number_f32);
  const float *x = row.numbers;
  float *a = room(4 * count), *b = room(4 * count), *c = room(4 * count);
  picture_part(x, count, a, b, c);
  for (size_t i = 0; i < count; ++i)
    expect(a[i] != x[3 * i] || b[i] != x[3 * i + 1] || c[i] != x[3 * i + 2], 0.5, "part", "%zu", count);
  float *first = random_floats(count), *second = random_bits() % 2 ? random_floats(count) : NULL;
  float *wanted = room(4 * count), *wantedSecond = room(4 * count);
  for (size_t i = 0; i < count; ++i) {
    // Rounded twice, on every instruction set.
    const volatile float product = 0.3f * x[i], other = 0.7f * x[i];
    wanted[i] = first[i] + product;
    if (second) wantedSecond[i] = second[i] + other;
  }
  picture_add_row(x, count, first, 0.3f, second, 0.7f);
  for (size_t i = 0; i < count; ++i)
    expect(first[i] != wanted[i] || (second && second[i] != wantedSecond[i]), 0.5, "added row", "%zu", count);
  uint16_t *words = room(2 * count);
  for (size_t i = 0; i < count; ++i) a[i] = (float)(random_bits() >> 40) * 0x1p-24f;
  picture_words(a, count, words);
  for (size_t i = 0; i < count; ++i) {
    const volatile float product = a[i] * 65535;
    expect(words[i] != (uint16_t)(product + 0.5f), 0.5, "words", "%zu", count);
  }
}

static void check_gathering(size_t width, size_t count) {
  const size_t stride = 8 * random_between(1, 5);
  const operand row = random_operand(width + stride, number_f32), weights = random_operand(count * stride, number_f32);
  int32_t *start = room(4 * count);
  float *target = room(4 * count);
  for (size_t i = 0; i < count; ++i) start[i] = (int32_t)random_between(0, width);
  picture_gather_row(row.numbers, start, weights.numbers, stride, count, target);
  for (size_t i = 0; i < count; ++i) {
    float sums[8] = {0};
    double exact = 0;
    for (size_t k = 0; k < stride; ++k) {
      const float *r = row.numbers, *w = weights.numbers;
      const volatile float product = r[(size_t)start[i] + k] * w[i * stride + k];
      sums[k % 8] += product;
      exact += row.values[(size_t)start[i] + k] * weights.values[i * stride + k];
    }
    const float x = ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
    expect(target[i] != fminf(fmaxf(x, 0), 1), 0.5, "gathered row, bit by bit", "%zu, stride %zu", count, stride);
    expect(fabs(target[i] - fmin(fmax(exact, 0), 1)), 2e-5, "gathered row", "%zu, stride %zu", count, stride);
  }
}

void check_pictures(void) {
  for (size_t count = 0; count < 70; ++count) {
    for (int bytes = 1; bytes <= 2; ++bytes) {
      check_samples(bytes, count);
      check_triples(bytes, count);
    }
    check_added_rows(count);
    check_gathering(count, count);
    release();
  }
  check_triples(1, 1500);
  check_triples(2, 1025);
  check_added_rows(2049);
  release();
}
