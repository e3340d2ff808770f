// The inner loops that must be vector instructions. One body, compiled for several instruction sets and chosen at run time.
//
// Every function is single-threaded and adds in a fixed order: results may differ in the last bits between instruction
// sets, never between thread counts. Matrices are row-major; a stride is the distance between the starts of two rows, in
// floats. Buffers need no alignment and must not overlap unless a function says so. Nothing allocates.
#pragma once
#include "augment_pixels.h"
#include "dino_rows.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The instruction set in use: "x86-64-v4", "x86-64-v3", "x86-64" or "portable"; the best of this machine, or a lower one named in
/// the environment as KERNELS_INSTRUCTION_SET when the first kernel runs (for tests, and for another machine's bytes).
const char *kernels_instruction_set(void);

// ---- Layer norm ---------------------------------------------------------------------------------------------------------

/// y = (x - mean) / √(variance + eps) · gamma + beta for every row; the variance is the biased one.
/// y is [rows, width] packed; mean and reciprocalDeviation receive [rows] for backward.
void layer_norm_forward(float *y, float *mean, float *reciprocalDeviation, const float *x, size_t strideX, size_t rows,
                        size_t width, const float *gamma, const float *beta, float eps);

/// Adds the gradient with respect to x into dx, and those of gamma and beta into dGamma and dBeta. dy is [rows, width] packed.
void layer_norm_backward(float *dx, size_t strideDX, float *dGamma, float *dBeta, const float *dy, const float *x,
                         size_t strideX, const float *mean, const float *reciprocalDeviation, size_t rows, size_t width,
                         const float *gamma);

// ---- Softmax ------------------------------------------------------------------------------------------------------------

/// A row length that the softmax functions accept for `columns` columns: the next multiple of 16.
static inline size_t softmax_stride(size_t columns) { return (columns + 15) / 16 * 16; }

/// Replaces each row by its softmax. `stride` is a multiple of 16; what lies between `columns` and `stride` becomes zero.
void softmax_forward(float *scores, size_t rows, size_t columns, size_t stride);

/// Replaces dp, the gradient with respect to softmax's result p, by that with respect to its argument: p · (dp - Σ p · dp).
/// Both have `stride`; p's padding is zero, as softmax_forward leaves it, dp's is anything finite and stays so.
void softmax_backward(float *dp, const float *p, size_t rows, size_t columns, size_t stride);

// ---- GELU ---------------------------------------------------------------------------------------------------------------

/// y = x · Φ(x), Φ the normal distribution: the exact GELU (Hendrycks, Gimpel 2016). y may be x.
void gelu_forward(float *y, const float *x, size_t count);

/// dy = dy · (Φ(x) + x · φ(x)).
void gelu_backward(float *dy, const float *x, size_t count);

// ---- Rows and planes ----------------------------------------------------------------------------------------------------

/// Writes `row` into each of `rows` rows of y.
void broadcast_row(float *y, const float *row, size_t rows, size_t columns, size_t stride);

/// sums += Σ over rows of x, in row order.
void column_sums(float *sums, const float *x, size_t rows, size_t columns, size_t stride);

/// out[i] = base[i] + scale[i] · branch[i] for every image i of `count` numbers. Without `scale` all factors are 1; a factor
/// of 0 leaves base as it is, whatever the branch holds. branch is packed; a strideBase of 0 adds one base to all images.
/// out may be base.
void residual_add(float *out, size_t strideOut, const float *base, size_t strideBase, const float *branch,
                  const float *scale, size_t images, size_t count);

/// y[i] = scale[i] · x[i] for every image i of `count` numbers.
void scale_images(float *y, const float *x, const float *scale, size_t images, size_t count);

/// y = a · x + b · y. With b = 0 the old y is not read. y may be x.
void axpby(float *y, const float *x, size_t count, float a, float b);

/// Cuts each [channels, side, side] image into its patches: rows [images · grid², channels · patch²], patches row by row,
/// a row in the order channel, y, x. `side` is a multiple of `patch`.
void gather_patches(float *rows, const float *image, size_t images, size_t channels, size_t side, size_t patch);

// ---- Optimiser ----------------------------------------------------------------------------------------------------------

/// One AdamW step (Loshchilov, Hutter 2019): p -= lr · weightDecay · p, then p -= lr · m̂ / (√v̂ + eps), with the moments
/// m̂ = m / biasCorrection1, v̂ = v / biasCorrection2, biasCorrectionN = 1 - betaN^step.
void adamw(float *p, const float *g, float *m, float *v, size_t count, float lr, float beta1, float beta2, float eps,
           float weightDecay, float biasCorrection1, float biasCorrection2);

/// Exponential moving average: target = momentum · target + (1 - momentum) · source.
void ema(float *target, const float *source, size_t count, float momentum);

/// Σ x², summed in double.
double sum_of_squares(const float *x, size_t count);

#ifdef __cplusplus
}
#endif
