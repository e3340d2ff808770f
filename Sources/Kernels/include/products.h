// Matrix products as a transformer needs them: the right side packed once, the left side read as it lies, and what follows a
// product (bias, GELU, residual) done while its result is still in registers or in the nearest cache.
//
// Numbers are f32, or bf16 in pairs. Sums are f32 either way. A product works on 32-bit words along the axis that is summed: a
// word is one f32 or two neighbouring bf16, so that one body serves both. An element of the result is the sum over words
// in ascending order (by AMX: over groups of 16 words), whatever the number of rows, the place of its row or the thread.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How the numbers of an operand are kept.
enum { number_f32 = 0, number_bf16 = 1 };

/// Which unit multiplies bf16: "amx-bf16", "avx512-bf16", or "" where this processor has none and they are widened to f32 (slow).
/// "amx-emulated" where a test asked for that.
const char *kernels_bf16(void);

/// 32-bit words that `count` numbers take along the summed axis.
static inline size_t product_words(size_t count, int type) { return type == number_bf16 ? (count + 1) / 2 : count; }

/// Columns of a packed panel.
enum { product_panel = 32 };

/// Words that a packed right side takes: `depth` is the length of the summed axis.
static inline size_t product_right_words(size_t depth, size_t columns, int type) {
  return (columns + product_panel - 1) / product_panel * product_panel * product_words(depth, type);
}

/// Packs sourceᵀ as a right side: source is [columns, depth], such as a weight [outputs, inputs] for x Wᵀ.
/// Rows lie `stride` numbers apart. Only f32 can become another type.
void product_pack_transposed(uint32_t *packed, int type, const void *source, int sourceType, size_t stride,
                             size_t depth, size_t columns);

/// Packs a source [depth, columns] as a right side.
void product_pack(uint32_t *packed, int type, const void *source, int sourceType, size_t stride, size_t depth,
                  size_t columns);

/// Words that a packed left side takes.
size_t product_left_words(size_t depth, size_t rows, int type);

/// Packs sourceᵀ as a left side: source is [depth, rows], such as gradients of outputs for the gradient of a weight.
void product_pack_left(uint32_t *packed, int type, const void *source, int sourceType, size_t stride, size_t depth,
                       size_t rows);

/// The left side of a product and its extents.
typedef struct {
  /// [rows, depth] of `type`, rows `stride` numbers apart, an even count with bf16; or what product_pack_left made, where stride is 0.
  const void *left;
  size_t stride;
  /// Packed, of the same type.
  const uint32_t *right;
  int type;
  size_t rows, columns, depth;
} product_sides;

/// What becomes of the sums s[row, column] of a product.
typedef enum {
  /// out = s, f32.
  edge_sums,
  /// out = base + s, f32; base may be out.
  edge_add,
  /// out = rowFactor · s + bias, of `type`.
  edge_affine,
  /// kept = s + bias, out = GELU(s + bias), both of `type`; nothing is kept where `kept` is NULL.
  edge_gelu,
  /// kept = s + bias of `type` where wanted; out = base + rowFactor · columnFactor · (s + bias), f32; base may be out.
  edge_residual,
  /// out = s · GELU'(kept), of `type`.
  edge_gelu_slope,
} product_edge_kind;

/// Where the result goes. Rows of `out`, `kept` and `base` lie `stride`, `keptStride`, `baseStride` numbers apart; what is absent
/// is NULL.
typedef struct {
  product_edge_kind kind;
  void *out;
  size_t stride;
  int type;
  void *kept;
  size_t keptStride;
  const float *base;
  size_t baseStride;
  const float *bias;
  const float *columnFactor;
  const float *rowFactor;
} product_edge;

/// The product, on one thread. Reads of `left` stay within its rows, except that with bf16 and an odd depth each row has one more
/// number, which must be finite.
void product(const product_sides *sides, const product_edge *edge);

/// Does `rounds` rounds of a tile's products in registers alone and returns how many multiplications and additions that was:
/// timed, the most that a core can do.
double product_peak(size_t rounds, int type);

#ifdef __cplusplus
}
#endif
