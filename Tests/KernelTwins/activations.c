#include "twins.h"

static double normal(double x) { return 0.5 * erfc(-x / sqrt(2)); }
static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

// A quarter of a million arguments: the relative error stays small even in the tail, where 1 + erf would have lost everything.
static void check_gelu(void) {
  const size_t count = 250001;
  float *x = room(4 * count), *y = room(4 * count);
  for (size_t i = 0; i < count; ++i) x[i] = ((float)i - 125000) * 1.04e-4f;
  gelu_forward(y, x, count, number_f32);
  for (size_t i = 0; i < count; ++i) {
    const double wanted = x[i] * normal(x[i]);
    expect(fabs(y[i] - wanted), 1e-6 * fmax(fabs(wanted), 1e-36), "GELU", "of %g", x[i]);
  }
  // Every bf16 there is.
  uint16_t *half = room(2 * 65536), *result = room(2 * 65536);
  for (size_t i = 0; i < 65536; ++i) half[i] = (uint16_t)i;
  gelu_forward(result, half, 65536, number_bf16);
  for (size_t i = 0; i < 65536; ++i) {
    const double z = number_at(half, i, number_bf16), found = number_at(result, i, number_bf16), wanted = z * normal(z);
    if (isnan(z)) expect(!isnan(found), 0.5, "GELU", "of NaN %zx", i);
    else if (fabs(z) < 1e4)
      expect(fabs(found - wanted), 2e-5 * fabs(z) + rounding(number_bf16, wanted) + 0x1p-126, "GELU", "of %g", z);
    else if (z > 0) expect(found != z, 0.5, "GELU", "of %g", z);
  }
  release();
}

static void check_count(size_t count, int type) {
  const size_t bytes = type == number_bf16 ? 2 : 4;
  const operand x = random_operand(count, type);
  void *y = room(count * bytes);
  gelu_forward(y, x.numbers, count, type);
  gelu_forward(x.numbers, x.numbers, count, type);
  expect(memcmp(x.numbers, y, count * bytes) != 0, 0.5, "GELU in place", "%zu, type %d", count, type);

  const size_t rows = 3;
  const operand pair = random_operand(rows * 2 * count, type), dy = random_operand(rows * count, type);
  void *product = room(rows * count * bytes), *dx = room(rows * 2 * count * bytes);
  swiglu_forward(product, pair.numbers, rows, count, type);
  swiglu_backward(dx, dy.numbers, pair.numbers, rows, count, type);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t i = 0; i < count; ++i) {
      const double a = pair.values[2 * r * count + i], b = pair.values[(2 * r + 1) * count + i];
      const double s = sigmoid(a), d = dy.values[r * count + i];
      const double wanted = a * s * b, dGate = d * b * (s + a * s * (1 - s)), dValue = d * a * s;
      expect(fabs(number_at(product, r * count + i, type) - wanted), 2e-6 + rounding(type, wanted), "SwiGLU",
             "width %zu, type %d", count, type);
      expect(fabs(number_at(dx, 2 * r * count + i, type) - dGate), 4e-6 + rounding(type, dGate), "SwiGLU gate",
             "width %zu, type %d", count, type);
      expect(fabs(number_at(dx, (2 * r + 1) * count + i, type) - dValue), 4e-6 + rounding(type, dValue), "SwiGLU value",
             "width %zu, type %d", count, type);
    }
  }
  release();
}

void check_activations(void) {
  check_gelu();
  for (int type = number_f32; type <= number_bf16; ++type)
    for (size_t count = 0; count <= 70; ++count) check_count(count, type);
}
