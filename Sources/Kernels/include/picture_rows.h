// Row loops between stored samples and pictures of a network's size: samples of 1 or 2 bytes, shades as 32-bit floats in 0…1.
//
// Products and sums are never fused and are added in an order that does not depend on the instruction set: the same bytes on every machine.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// target[i] = table[source[i · step]], i < count. A sample has `bytes` bytes, the table an entry for each of their patterns.
void picture_look_up(const void *source, int bytes, size_t step, size_t count, const float *table, float *target);

/// target[i] = source[i · step] · factor, i < count; samples are unsigned.
void picture_scale(const void *source, int bytes, size_t step, size_t count, float factor, float *target);

/// Parts triples into three planes: a[i] = source[3i], b[i] = source[3i + 1], c[i] = source[3i + 2], i < count.
void picture_part(const float *source, size_t count, float *a, float *b, float *c);

/// first += firstWeight · row, and second += secondWeight · row unless second is NULL.
void picture_add_row(const float *row, size_t count, float *first, float firstWeight, float *second, float secondWeight);

/// target[i] = Σ weights[i · stride + k] · row[start[i] + k] over k < stride, clamped to 0…1, i < count.
/// `stride` is a multiple of 8; the row can be read up to the greatest start + stride, where weights are 0 it has any finite number.
void picture_gather_row(const float *row, const int32_t *start, const float *weights, size_t stride, size_t count,
                        float *target);

/// Whether in all of `count` triples the three samples are equal. Stops at a block with one that is not.
int picture_is_grey(const void *source, int bytes, size_t count);

/// The first samples of `count` triples.
void picture_first_of_three(const void *source, int bytes, size_t count, void *target);

/// target[i] = shades[i] · 65,535, rounded half up. Shades lie in 0…1.
void picture_words(const float *shades, size_t count, uint16_t *target);

#ifdef __cplusplus
}
#endif
