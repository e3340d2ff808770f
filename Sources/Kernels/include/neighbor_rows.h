// Inner loops of exact nearest-neighbour search: cheap lower bounds of many distances at once, then single distances.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  /// Columns of a packed panel.
  neighbor_panel = 32,
  /// Rows are asked in multiples of this.
  neighbor_rows_step = 12,
};

/// ‖x − y‖² in 64 bits: four running sums, never fused, joined in one order; equal bytes on every instruction set.
double neighbor_square(const float *x, const float *y, size_t count);

/// ‖x − y‖² in 32 bits, or some partial sum of it that is above `limit`.
float neighbor_square_within(const float *x, const float *y, size_t count, float limit);

/// head[i] = Σ x[w]·v[w] of row i over w < split, tail[i] the same over split ≤ w < width.
void neighbor_project(const float *rows, size_t stride, size_t count, const float *v, size_t split, size_t width,
                      float *head, float *tail);

/// Puts the first `width` numbers of the rows chosen, and one of `extra` (a number a row; or NULL) behind them, into panels of
/// neighbor_panel columns: [panel, number, column]. What is left of the last panel is zero.
void neighbor_pack(const float *rows, size_t stride, const uint16_t *chosen, size_t count, size_t width,
                   const float *extra, float *panels);

/// Finds the pairs for which normA + normB − a·b ≤ max(limitA, limitB), up to rounding: norms are half the squared norms,
/// limits half the squared distances, so that this is ‖a − b‖² ≤ the larger limit.
///
/// `a` is [rows, width], rows a multiple of neighbor_rows_step; `b` is packed, `columns` a multiple of neighbor_panel. A row or
/// column whose norm is infinite is in no pair. Writes row << 16 | column for each pair (room for one more than rows · columns); returns how many.
size_t neighbor_screen(const float *a, const float *normA, const float *limitA, size_t rows, const float *b,
                       const float *normB, const float *limitB, size_t columns, size_t width, uint32_t *pairs);

#ifdef __cplusplus
}
#endif
