// Products of a matrix with itself: the sums of products of columns that a covariance is made of, one short chunk of rows at a time.
//
// A chunk is centred on its own mean and multiplied in f32 while it lies in the nearest caches; its sums are added to f64 ones, so
// that errors don't grow with the number of rows. Only the upper triangle is computed, in panels of as many columns as the
// instruction set multiplies at once.
#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Columns of a panel. Panel p of a triangle holds rows 0 ..< (p + 1) · panel of its columns, row by row.
size_t gram_panel(void);

/// Numbers in a triangle of so many columns.
size_t gram_triangle(size_t columns);

/// Floats of scratch for a chunk of so many rows.
size_t gram_scratch(size_t rows, size_t columns);

/// Adds Σ (x − mean)(x − mean)ᵀ over the rows of a chunk [rows, columns], rows ≥ 1, to `triangle`, and writes the mean, `columns`
/// numbers. The mean is not finite if a number of x is not (or lies near the end of f32's range); nothing is added then, and 0
/// returned. A sum over the chunk is made row by row.
int gram_add(const float *x, size_t rows, size_t columns, float *scratch, double *mean, double *triangle);

/// Adds Σ x xᵀ over rows of f64 to `triangle`. Rows lie as many numbers apart as whole panels hold; those past the last column are 0.
void gram_add_wide(const double *x, size_t rows, size_t columns, double *triangle);

/// The whole symmetric matrix [columns, columns] of a triangle.
void gram_unfold(const double *triangle, size_t columns, double *matrix);

/// target = x − mean in f32 for each row of x [rows, columns]. The mean comes as the sum of two f32, `high` and `low`, so that a
/// mean much larger than the deviations costs no accuracy.
void gram_centre(const float *x, size_t rows, size_t columns, const float *high, const float *low, float *target);

/// target = x / ‖x‖ for each row of x [rows, columns], in f64 and rounded once; zero rows stay zero. Equal bytes on every
/// instruction set.
void gram_unit_rows(const float *x, size_t rows, size_t columns, float *target);

/// Σ x² of `count` numbers, in f64. Equal bytes on every instruction set.
double gram_square(const float *x, size_t count);

#ifdef __cplusplus
}
#endif
