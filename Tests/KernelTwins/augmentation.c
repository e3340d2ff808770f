#include "twins.h"

// Values of 0…1, some of them at the ends.
static float *random_greys(size_t count) {
  float *x = room(4 * count);
  for (size_t i = 0; i < count; ++i) {
    const size_t kind = random_between(0, 9);
    x[i] = kind == 0 ? 0 : kind == 1 ? 1 : (float)(random_bits() >> 40) * 0x1p-24f;
  }
  return x;
}

static double unit(double x) { return fmin(fmax(x, 0), 1); }

static void check_density(size_t count) {
  float *planes[3], *before[3], matrix[9], offset[3];
  for (int c = 0; c < 3; ++c) {
    before[c] = random_greys(count);
    planes[c] = room(4 * count);
    memcpy(planes[c], before[c], 4 * count);
    offset[c] = 0.05f * (float)random_number();
    for (int k = 0; k < 3; ++k) matrix[3 * c + k] = (c == k) + 0.2f * (float)random_number();
  }
  augment_optical_density(planes[0], planes[1], planes[2], count, matrix, offset);
  for (size_t i = 0; i < count; ++i)
    for (int c = 0; c < 3; ++c) {
      double density = offset[c];
      for (int k = 0; k < 3; ++k) density -= matrix[3 * c + k] * log(fmax(before[k][i], 1e-6f));
      expect(fabs(planes[c][i] - unit(exp(-density))), 1e-5, "optical density", "%zu", count);
    }
}

static double wave(int i, int u) { return cos((2 * i + 1) * u * 3.14159265358979323846 / 16) * sqrt(u ? 0.25 : 0.125); }

// The transform by its definition; where a coefficient lies about half way between two steps its whole block goes unchecked.
static void check_jpeg(size_t side, float offset) {
  float *x = random_greys(side * side), *before = room(4 * side * side), steps[64];
  for (size_t i = 0; i < side * side; ++i) before[i] = x[i] -= offset == 0 ? 0.5f : 0;
  for (int i = 0; i < 64; ++i) steps[i] = (float)random_between(1, 60);
  augment_jpeg_plane(x, side, steps, offset);
  for (size_t top = 0; top < side; top += 8)
    for (size_t left = 0; left < side; left += 8) {
      double coefficients[64];
      int isNear = 0;
      for (int u = 0; u < 64; ++u) {
        double sum = 0;
        for (size_t i = 0; i < 64; ++i) {
          const size_t row = top + i / 8 < side ? top + i / 8 : side - 1, column = left + i % 8 < side ? left + i % 8 : side - 1;
          const float level = floorf(255 * before[row * side + column] + 0.5f) - offset;
          sum += level * wave((int)i / 8, u / 8) * wave((int)i % 8, u % 8);
        }
        const double step = sum / steps[u];
        isNear |= fabs(step - floor(step) - 0.5) < 1e-3;
        coefficients[u] = steps[u] * floor(step + 0.5);
      }
      for (size_t i = 0; i < 64 && !isNear; ++i) {
        if (top + i / 8 >= side || left + i % 8 >= side) continue;
        double sum = 0;
        for (int u = 0; u < 64; ++u) sum += coefficients[u] * wave((int)i / 8, u / 8) * wave((int)i % 8, u % 8);
        const double wanted = (fmin(fmax(sum, -128), 127) + offset) / 255;
        expect(fabs(x[(top + i / 8) * side + left + i % 8] - wanted), 1e-5, "JPEG", "side %zu", side);
      }
    }
}

static void check_noise(size_t count) {
  float *grey = random_greys(count), *x = room(4 * count), *n = room(4 * count), *half = room(4 * count);
  const uint64_t key = random_bits();
  // What the additive noise was is seen on middle grey, where nothing is cut.
  for (size_t i = 0; i < count; ++i) half[i] = 0.5f;
  augment_noise(half, count, 0.05f, key);
  for (size_t i = 0; i < count; ++i) n[i] = half[i] - 0.5f;
  memcpy(x, grey, 4 * count);
  augment_speckle(x, count, 0.05f, key);
  for (size_t i = 0; i < count; ++i) expect(fabs(x[i] - unit(grey[i] * (1 + (double)n[i]))), 1e-6, "speckle", "%zu", count);
  memcpy(x, grey, 4 * count);
  augment_rician_noise(x, count, 0.05f, key);
  // The other part of the noise is unknown: the magnitude is at least that of this one, and at most that with four deviations more.
  for (size_t i = 0; i < count; ++i) {
    const double real = fabs(grey[i] + (double)n[i]), most = unit(sqrt(real * real + 0.04));
    expect(x[i] < unit(real) - 1e-6 || x[i] > most + 1e-6, 0.5, "Rician noise", "%zu", count);
  }
}

static void check_ycc(size_t count) {
  float *planes[3], *before[3];
  for (int c = 0; c < 3; ++c) {
    before[c] = random_greys(count);
    planes[c] = room(4 * count);
    memcpy(planes[c], before[c], 4 * count);
  }
  augment_to_ycc(planes[0], planes[1], planes[2], count);
  for (size_t i = 0; i < count; ++i) {
    const double y = 0.299 * before[0][i] + 0.587 * before[1][i] + 0.114 * before[2][i];
    expect(fabs(planes[0][i] - y), 1e-6, "luminance", "%zu", count);
    expect(fabs(planes[1][i] - (before[2][i] - y) / 1.772), 1e-6, "difference of blue", "%zu", count);
    expect(fabs(planes[2][i] - (before[0][i] - y) / 1.402), 1e-6, "difference of red", "%zu", count);
  }
  augment_from_ycc(planes[0], planes[1], planes[2], count);
  for (size_t i = 0; i < count; ++i)
    for (int c = 0; c < 3; ++c) expect(fabs(planes[c][i] - before[c][i]), 1e-6, "there and back", "%zu", count);
}

void check_augmentation(void) {
  for (size_t count = 0; count < 70; ++count) {
    check_density(count);
    check_noise(count);
    check_ycc(count);
    release();
  }
  for (size_t side = 1; side < 34; ++side) {
    check_jpeg(side, 128);
    check_jpeg(side, 0);
    release();
  }
}
