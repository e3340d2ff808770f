#include "twins.h"

static void check_width(size_t width) {
  const size_t rows = 3, strideX = width + random_between(0, 5), strideDX = width + random_between(0, 5);
  const operand x = random_rows(rows, width, strideX, number_f32), dx = random_rows(rows, width, strideDX, number_f32);
  float *numbers = x.numbers;
  for (size_t i = 0; i < (rows - 1) * strideX + width; ++i) x.values[i] = numbers[i] = 3 * numbers[i] + 10;
  const operand gamma = random_operand(width, number_f32), beta = random_operand(width, number_f32);
  const operand dy = random_operand(rows * width, number_f32);
  float mean[3], reciprocal[3];
  double *wantedGamma = calloc(width, sizeof(double)), *wantedBeta = calloc(width, sizeof(double));
  float *dGamma = room(4 * width), *dBeta = room(4 * width);
  for (size_t i = 0; i < width; ++i) dGamma[i] = 0.5f, dBeta[i] = -0.5f;
  void *y[2] = {room(4 * rows * width), room(2 * rows * width)};
  for (int type = number_bf16; type >= number_f32; --type)
    layer_norm_forward(y[type], type, type ? NULL : mean, type ? NULL : reciprocal, x.numbers, strideX, rows, width,
                       gamma.numbers, beta.numbers, 1e-6f);
  layer_norm_backward(dx.numbers, strideDX, dGamma, dBeta, dy.numbers, x.numbers, strideX, mean, reciprocal, rows, width,
                      gamma.numbers);
  for (size_t r = 0; r < rows; ++r) {
    const double *row = x.values + r * strideX, *d = dy.values + r * width;
    double centre = 0, variance = 0, a = 0, b = 0;
    for (size_t i = 0; i < width; ++i) centre += row[i] / (double)width;
    for (size_t i = 0; i < width; ++i) variance += (row[i] - centre) * (row[i] - centre) / (double)width;
    // One or two near values have next to no variance: their own rounding, times its root, is all there is.
    if (variance < 0.1) continue;
    const double factor = 1 / sqrt(variance + 1e-6);
    for (size_t i = 0; i < width; ++i) {
      a += d[i] * gamma.values[i] / (double)width;
      b += d[i] * gamma.values[i] * (row[i] - centre) * factor / (double)width;
    }
    for (size_t i = 0; i < width; ++i) {
      const double normalised = (row[i] - centre) * factor;
      const double wanted = normalised * gamma.values[i] + beta.values[i];
      for (int type = number_f32; type <= number_bf16; ++type)
        expect(fabs(number_at(y[type], r * width + i, type) - wanted), 3e-5 + rounding(type, wanted), "layer norm",
               "width %zu, type %d", width, type);
      const double slope = dx.values[r * strideDX + i] + factor * (d[i] * gamma.values[i] - a - normalised * b);
      expect(fabs(((float *)dx.numbers)[r * strideDX + i] - slope), 1e-4, "layer norm backward", "width %zu", width);
      wantedGamma[i] += d[i] * normalised;
      wantedBeta[i] += d[i];
    }
    if (r + 1 == rows && width > 2) {
      for (size_t i = 0; i < width; ++i) {
        expect(fabs(dGamma[i] - 0.5 - wantedGamma[i]), 1e-4, "gradient of gamma", "width %zu", width);
        expect(fabs(dBeta[i] + 0.5 - wantedBeta[i]), 1e-5, "gradient of beta", "width %zu", width);
      }
    }
  }
  free(wantedGamma);
  free(wantedBeta);
  release();
}

void check_layer_norm(void) {
  for (size_t width = 1; width <= 70; ++width) check_width(width);
  const size_t widths[] = {127, 128, 192, 193, 384};
  for (int i = 0; i < 5; ++i) check_width(widths[i]);
}
