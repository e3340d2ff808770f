#include "twins.h"

typedef struct {
  size_t rows, columns, depth;
  int type;
} extents;

static double gelu(double x) { return 0.5 * x * erfc(-x / sqrt(2)); }
static double gelu_slope(double x) { return 0.5 * erfc(-x / sqrt(2)) + x * exp(-x * x / 2) / sqrt(2 * M_PI); }

#define FACTS "kind %d, %zu x %zu x %zu, type %d, %s, at %zu, %zu"

// Every edge of one product, given the sums and the sums of magnitudes.
static void check_edges(extents e, const void *left, size_t stride, const uint32_t *right, const double *sums,
                        const double *magnitudes) {
  const char *side = stride ? "rows" : "packed";
  for (int kind = edge_sums; kind <= edge_gelu_slope; ++kind) {
    const int typed = kind == edge_affine || kind == edge_gelu || kind == edge_gelu_slope;
    const int outType = typed ? e.type : number_f32;
    const size_t outStride = e.columns + random_between(0, 3), keptStride = e.columns + random_between(0, 3);
    const size_t baseStride = e.columns + random_between(0, 3);
    const operand out = random_rows(e.rows, e.columns, outStride, outType);
    const operand kept = random_rows(e.rows, e.columns, keptStride, e.type);
    const operand base = random_rows(e.rows, e.columns, baseStride, number_f32);
    const int inPlace = random_bits() % 2 && !typed;
    const operand *from = inPlace ? &out : &base;
    const size_t fromStride = inPlace ? outStride : baseStride;
    float *bias = random_bits() % 4 ? random_floats(e.columns) : NULL;
    float *columnFactor = random_bits() % 2 ? random_floats(e.columns) : NULL;
    float *rowFactor = random_bits() % 2 ? random_floats(e.rows) : NULL;
    if (rowFactor) rowFactor[e.rows / 2] = 0;
    const int keeps = kind == edge_gelu_slope || random_bits() % 2;
    const product_sides sides = {.left = left, .stride = stride, .right = right, .type = e.type, .rows = e.rows,
                                 .columns = e.columns, .depth = e.depth};
    const product_edge edge = {.kind = (product_edge_kind)kind, .out = out.numbers, .stride = outStride, .type = e.type,
                               .kept = keeps ? kept.numbers : NULL, .keptStride = keptStride,
                               .base = from->numbers, .baseStride = fromStride, .bias = bias,
                               .columnFactor = columnFactor, .rowFactor = rowFactor};
    product(&sides, &edge);
    for (size_t r = 0; r < e.rows; ++r) {
      for (size_t c = 0; c < e.columns; ++c) {
        const double s = sums[r * e.columns + c], b = bias ? bias[c] : 0, rf = rowFactor ? rowFactor[r] : 1;
        const double cf = columnFactor ? columnFactor[c] : 1, before = from->values[r * fromStride + c];
        const double keptBefore = kept.values[r * keptStride + c];
        double wanted = s, slack = 6e-7 * (magnitudes[r * e.columns + c] + fabs(b) + 1);
        switch (kind) {
          case edge_add: wanted = before + s; break;
          case edge_affine: wanted = rf * s + b, slack *= 1 + fabs(rf); break;
          case edge_gelu: wanted = gelu(s + b), slack += e.type == number_bf16 ? 2e-5 * fabs(s + b) : 0; break;
          case edge_residual: wanted = before + rf * cf * (s + b), slack *= 1 + fabs(rf * cf); break;
          case edge_gelu_slope:
            wanted = s * gelu_slope(keptBefore), slack += (e.type == number_bf16 ? 3e-4 : 1e-6) * fabs(s);
            break;
        }
        expect(fabs(number_at(out.numbers, r * outStride + c, outType) - wanted), slack + rounding(outType, wanted), "product",
               FACTS, kind, e.rows, e.columns, e.depth, e.type, side, r, c);
        const double found = number_at(kept.numbers, r * keptStride + c, e.type);
        if (keeps && (kind == edge_gelu || kind == edge_residual)) {
          expect(fabs(found - (s + b)), slack + rounding(e.type, s + b), "kept", FACTS, kind, e.rows, e.columns, e.depth, e.type,
                 side, r, c);
        } else {
          expect(found != keptBefore, 0.5, "kept and untouched", FACTS, kind, e.rows, e.columns, e.depth, e.type, side, r, c);
        }
      }
      // What lies between the rows stays.
      for (size_t c = outType == number_bf16 ? (e.columns + 1) / 2 * 2 : e.columns; c < outStride && r + 1 < e.rows; ++c)
        expect(!isnan(number_at(out.numbers, r * outStride + c, outType)), 0.5, "between rows", FACTS, kind, e.rows, e.columns,
               e.depth, e.type, side, r, c);
    }
  }
}

static float *sums_of(extents e, const void *left, size_t stride, const uint32_t *right) {
  float *out = room(4 * e.rows * e.columns);
  const product_sides sides = {.left = left, .stride = stride, .right = right, .type = e.type, .rows = e.rows,
                               .columns = e.columns, .depth = e.depth};
  const product_edge edge = {.kind = edge_sums, .out = out, .stride = e.columns};
  product(&sides, &edge);
  return out;
}

static void check_extents(extents e) {
  const size_t even = e.type == number_bf16 ? (e.depth + 1) / 2 * 2 : e.depth;
  const size_t stride = even + 2 * random_between(0, 3);
  const operand a = random_rows(e.rows, e.depth, stride, e.type);
  // Both sides transposed, and the right one as f32.
  const size_t bStride = e.columns + random_between(0, 3), aStride = e.rows + random_between(0, 3);
  float *bTransposed = room(4 * ((e.depth - 1) * bStride + e.columns));
  float *aTransposed = room(4 * ((e.depth - 1) * aStride + e.rows));
  const size_t bRows = even + 2 * random_between(0, 3);
  float *bFloats = room(4 * ((e.columns - 1) * bRows + e.depth));
  const size_t words = product_right_words(e.depth, e.columns, e.type);
  uint32_t *right = room(4 * words), *other = room(4 * words);
  const operand b = random_rows(e.columns, e.depth, bRows, e.type);
  for (size_t d = 0; d < e.depth; ++d) {
    for (size_t c = 0; c < bStride && (d + 1 < e.depth || c < e.columns); ++c)
      bTransposed[d * bStride + c] = c < e.columns ? (float)b.values[c * bRows + d] : NAN;
    for (size_t r = 0; r < aStride && (d + 1 < e.depth || r < e.rows); ++r)
      aTransposed[d * aStride + r] = r < e.rows ? (float)a.values[r * stride + d] : NAN;
    for (size_t c = 0; c < e.columns; ++c) bFloats[c * bRows + d] = (float)b.values[c * bRows + d];
  }
  product_pack_transposed(right, e.type, b.numbers, e.type, bRows, e.depth, e.columns);
  product_pack_transposed(other, e.type, bFloats, number_f32, bRows, e.depth, e.columns);
  expect(memcmp(right, other, 4 * words) != 0, 0.5, "packed from f32", "%zu x %zu, type %d", e.depth, e.columns, e.type);
  product_pack(other, e.type, bTransposed, number_f32, bStride, e.depth, e.columns);
  expect(memcmp(right, other, 4 * words) != 0, 0.5, "packed straight", "%zu x %zu, type %d", e.depth, e.columns, e.type);
  uint32_t *left = room(4 * product_left_words(e.depth, e.rows, e.type));
  product_pack_left(left, e.type, aTransposed, number_f32, aStride, e.depth, e.rows);

  double *sums = room(sizeof(double) * e.rows * e.columns), *magnitudes = room(sizeof(double) * e.rows * e.columns);
  for (size_t r = 0; r < e.rows; ++r) {
    for (size_t c = 0; c < e.columns; ++c) {
      double sum = 0, magnitude = 0;
      for (size_t d = 0; d < e.depth; ++d) {
        const double term = a.values[r * stride + d] * b.values[c * bRows + d];
        sum += term;
        magnitude += fabs(term);
      }
      sums[r * e.columns + c] = sum;
      magnitudes[r * e.columns + c] = magnitude;
    }
  }
  check_edges(e, a.numbers, stride, right, sums, magnitudes);
  check_edges(e, left, 0, right, sums, magnitudes);

  // A row's sums are the same bytes wherever it stands, whatever stands beside it and however it is packed.
  const float *whole = sums_of(e, a.numbers, stride, right), *packed = sums_of(e, left, 0, right);
  expect(memcmp(whole, packed, 4 * e.rows * e.columns) != 0, 0.5, "packed left", "%zu x %zu x %zu, type %d", e.rows, e.columns,
         e.depth, e.type);
  const size_t first = random_between(0, e.rows - 1);
  extents part = e;
  part.rows = random_between(1, e.rows - first);
  const float *some = sums_of(part, at(a.numbers, first * stride, e.type), stride, right);
  expect(memcmp(some, whole + first * e.columns, 4 * part.rows * e.columns) != 0, 0.5, "part", "%zu of %zu x %zu x %zu, type %d",
         part.rows, e.rows, e.columns, e.depth, e.type);
  release();
}

void check_products(void) {
  for (int i = 0; i < 60; ++i)
    for (int type = number_f32; type <= number_bf16; ++type)
      check_extents((extents){random_between(1, 75), random_between(1, 110), random_between(1, 90), type});
  // Around the extents of tiles, panels and groups.
  const size_t edges[] = {1, 15, 16, 17, 31, 32, 33};
  for (int r = 0; r < 7; ++r)
    for (int c = 4; c < 7; ++c)
      for (int d = 0; d < 7; ++d) check_extents((extents){edges[r], edges[c], edges[d], number_bf16});
  // More rows than stay in the cache, down to fewer than a tile.
  const size_t long_[][3] = {{150, 40, 2000}, {45, 5, 6002}, {37, 33, 10001}, {3, 2, 70000}, {2, 3, 140001}};
  for (int i = 0; i < 5; ++i)
    for (int type = number_f32; type <= number_bf16; ++type)
      if (i < 4 || type == number_f32) check_extents((extents){long_[i][0], long_[i][1], long_[i][2], type});
}
