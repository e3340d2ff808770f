#include "twins.h"

static void check_column_sums(size_t columns, int type) {
  const size_t rows = random_between(0, 20), stride = columns + random_between(0, 3);
  const operand x = random_rows(rows, columns, stride, type);
  float *sums = room(4 * columns);
  for (size_t c = 0; c < columns; ++c) sums[c] = 1;
  column_sums(sums, x.numbers, type, rows, columns, stride);
  for (size_t c = 0; c < columns; ++c) {
    double wanted = 1;
    for (size_t r = 0; r < rows; ++r) wanted += x.values[r * stride + c];
    expect(fabs(sums[c] - wanted), 1e-5, "column sums", "%zu x %zu, type %d", rows, columns, type);
  }
}

static void check_branch(size_t width, int type) {
  const size_t rows = 4;
  const operand dy = random_operand(rows * width, number_f32), branch = random_operand(rows * width, type);
  float *columnFactor = random_bits() % 2 ? random_floats(width) : NULL;
  float *rowFactor = random_bits() % 2 ? random_floats(rows) : NULL;
  float *dFactor = columnFactor ? random_floats(width) : NULL;
  float *before = room(4 * width);
  if (dFactor) memcpy(before, dFactor, 4 * width);
  void *out = room(rows * width * (type == number_bf16 ? 2 : 4));
  branch_backward(out, type, dFactor, dy.numbers, columnFactor ? branch.numbers : NULL, columnFactor, rowFactor, rows, width);
  for (size_t i = 0; i < width; ++i) {
    double total = dFactor ? before[i] : 0;
    for (size_t r = 0; r < rows; ++r) {
      const double d = dy.values[r * width + i] * (rowFactor ? rowFactor[r] : 1);
      const double wanted = d * (columnFactor ? columnFactor[i] : 1);
      total += d * branch.values[r * width + i];
      expect(fabs(number_at(out, r * width + i, type) - wanted), 1e-6 + rounding(type, wanted), "branch",
             "width %zu, type %d", width, type);
    }
    if (dFactor) expect(fabs(dFactor[i] - total), 2e-5, "gradient of a branch's factor", "width %zu, type %d", width, type);
  }
}

static void check_rotation(size_t half, int type) {
  const size_t rows = 3, heads = 2, width = 2 * half, stride = heads * width + 2 * random_between(0, 2);
  const operand x = random_rows(rows, heads * width, stride, type);
  const operand cosines = random_operand(rows * half, number_f32), sines = random_operand(rows * half, number_f32);
  for (int backwards = 0; backwards < 2; ++backwards) {
    const size_t count = (rows - 1) * stride + heads * width;
    double *before = room(count * sizeof(double));
    for (size_t i = 0; i < count; ++i) before[i] = number_at(x.numbers, i, type);
    rotate(x.numbers, type, stride, cosines.numbers, sines.numbers, backwards, rows, heads, width);
    for (size_t r = 0; r < rows; ++r) {
      for (size_t i = 0; i < heads * half; ++i) {
        const size_t low = r * stride + i / half * width + i % half, high = low + half;
        const size_t angle = r * half + i % half;
        const double c = cosines.values[angle], s = sines.values[angle] * (backwards ? -1 : 1);
        const double wantedLow = before[low] * c - before[high] * s, wantedHigh = before[high] * c + before[low] * s;
        expect(fabs(number_at(x.numbers, low, type) - wantedLow), 1e-5 + rounding(type, wantedLow), "rotation",
               "%zu, type %d", half, type);
        expect(fabs(number_at(x.numbers, high, type) - wantedHigh), 1e-5 + rounding(type, wantedHigh), "rotation",
               "%zu, type %d", half, type);
      }
    }
  }
}

static void check_axpby(size_t count) {
  const operand x = random_operand(count, number_f32), y = random_operand(count, number_f32);
  float *found = y.numbers;
  axpby(found, x.numbers, count, 2, -0.5f);
  for (size_t i = 0; i < count; ++i)
    expect(fabs(found[i] - (2 * x.values[i] - 0.5 * y.values[i])), 1e-6, "axpby", "%zu", count);
  for (size_t i = 0; i < count; ++i) found[i] = NAN;
  axpby(found, x.numbers, count, 4, 0);
  for (size_t i = 0; i < count; ++i) expect(fabs(found[i] - 4 * x.values[i]), 1e-6, "axpby of nothing", "%zu", count);
}

static void check_patches(size_t channels, size_t grid, size_t patch, int type) {
  const size_t side = grid * patch, width = channels * patch * patch, stride = width + 2, pixels = channels * side * side;
  const operand image = random_operand(pixels, number_f32);
  const size_t first = random_between(0, grid * grid - 1), end = random_between(first, grid * grid);
  const operand rows = random_rows(end - first, width, stride, type);
  gather_patches(rows.numbers, type, stride, image.numbers, channels, side, patch, first, end);
  const operand all = random_rows(grid * grid, width, stride, number_f32);
  const operand sum = random_operand(pixels, number_f32);
  scatter_patches(sum.numbers, all.numbers, stride, channels, side, patch);
  for (size_t p = 0; p < grid * grid; ++p) {
    for (size_t i = 0; i < width; ++i) {
      const size_t channel = i / (patch * patch), y = i / patch % patch, x = i % patch;
      const size_t pixel = (channel * side + p / grid * patch + y) * side + p % grid * patch + x;
      if (p >= first && p < end)
        expect(fabs(number_at(rows.numbers, (p - first) * stride + i, type) - image.values[pixel]),
               rounding(type, image.values[pixel]), "gathered patches", "%zu %zu %zu, type %d", channels, grid, patch, type);
      expect(fabs(((float *)sum.numbers)[pixel] - sum.values[pixel] - all.values[p * stride + i]), 1e-6, "scattered patches",
             "%zu %zu %zu", channels, grid, patch);
    }
  }
}

void check_rows(void) {
  for (int type = number_f32; type <= number_bf16; ++type) {
    for (size_t count = 0; count <= 70; ++count) {
      check_column_sums(count, type);
      for (int i = 0; i < 4; ++i) check_branch(count, type);
      if (count) check_rotation(count, type);
      check_axpby(count);
      release();
    }
    check_patches(1, 1, 1, type);
    check_patches(3, 2, 4, type);
    check_patches(3, 3, 5, type);
    check_patches(2, 4, 16, type);
    release();
  }
}
