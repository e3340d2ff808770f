// Row loops of k-means: proposals of distances to centres, bounds of a byte each, sums of rows.
//
// A row in stored form is `columns` numbers, 1 and its squared norm; a centre in asking form is −2 times its numbers, its squared
// norm and 1: the product of the two proposes a squared distance (DistanceScreen in Tensors has the error).
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Puts (x − origin) · scale into stored form; returns the squared norm, summed in a few lanes of 32 bits.
double center_store(const float *x, const float *origin, float scale, size_t columns, float *row);

/// flags[j] = bounds[j] ≤ min(255, travelled[j] + reach), 0 for `own`; returns how many are set.
size_t center_unsure(const uint8_t *bounds, const uint8_t *travelled, uint8_t reach, size_t own, size_t count, uint8_t *flags);

/// tally[j] += flags[j]; no tally may pass 255.
void center_tally(const uint8_t *flags, size_t count, uint8_t *tally);

/// The indices of the flags that are set, ascending; returns how many.
size_t center_list(const uint8_t *flags, size_t count, uint32_t *which);

/// The index other than `own` of the least max(0, bounds[j] − travelled[j]), the lowest of equals; count ≥ 2.
size_t center_likely(const uint8_t *bounds, const uint8_t *travelled, size_t own, size_t count);

/// bounds[j] −= steps[j], not below 0.
void center_rebase(uint8_t *bounds, const uint8_t *steps, size_t count);

/// Products of a stored row with the centres `which`, which have `stride` numbers each.
void center_products(const float *row, const float *questions, size_t columns, size_t stride, const uint32_t *which, size_t count,
                     float *products);

/// The least of products[j] + slack[j]; count ≥ 1.
float center_least(const float *products, const float *slack, size_t count);

/// The indices of products that are at most `limit`, ascending; returns how many.
size_t center_within(const float *products, size_t count, float limit, uint32_t *which);

/// bounds[j] = ⌊(√max(0, products[j] − error) + travelled[j]) · perStep⌋, at most 255, where the root may come out smaller by 0.2 %.
void center_bounds(const float *products, const float *travelled, float error, float perStep, size_t count, uint8_t *bounds);

/// The same for the centres `which`: products are in the order of `which`, travelled and bounds in that of the centres.
void center_bounds_at(const float *products, const uint32_t *which, const float *travelled, float error, float perStep,
                      size_t count, uint8_t *bounds);

/// low = min(low, row) and high = max(high, row), number by number.
void center_extend(float *low, float *high, const float *row, size_t count);

/// sum += row.
void center_add(double *sum, const float *row, size_t count);

/// ‖row − centre‖² in four running sums joined in one order, never fused: the bytes of `Distances.squared`.
double center_distance(const float *row, const double *center, size_t count);

#ifdef __cplusplus
}
#endif
