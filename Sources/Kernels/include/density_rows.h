// Loops over all pairs of rows in 64 bits: squared distances, and sums of their inverse powers.
//
// No product is fused with a sum, and sums run in four lanes whatever the instruction set: the numbers are the same everywhere.
#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// distances[q · stride + r] = ‖question q − row r‖² for up to four questions of doubles; questions and rows are packed, `width`
/// numbers each. Four running sums a pair, the rest added to the first, joined as (s0 + s1) + (s2 + s3).
void density_squared_distances(const double *questions, size_t asked, const float *rows, size_t count, size_t width,
                               double *distances, size_t stride);

/// The least of the squares above zero, infinity where there is none.
double density_nearest(const double *squares, size_t count);

/// Σ (nearest / square)^(power / 2) over the squares above zero.
double density_inverse_powers(const double *squares, size_t count, double nearest, size_t power);

#ifdef __cplusplus
}
#endif
