// The inner loops that must be vector instructions. One body, compiled for several instruction sets and chosen at run time.
//
// Every function is single-threaded and adds in a fixed order: results may differ in the last bits between instruction
// sets, never between thread counts. Matrices are row-major; a stride is the distance between the starts of two rows, in
// numbers. Buffers need no alignment and must not overlap unless a function says so. Nothing allocates. `type` says how the
// numbers of an operand are kept: number_f32 or number_bf16 (products.h).
#pragma once
#include "allocator.h"
#include "attention.h"
#include "augment_jpeg.h"
#include "augment_pixels.h"
#include "center_rows.h"
#include "density_rows.h"
#include "dino_rows.h"
#include "gram.h"
#include "jpeg.h"
#include "layout_rows.h"
#include "neighbor_rows.h"
#include "picture_rows.h"
#include "png_rows.h"
#include "products.h"
#include "run_length.h"
#include "tree_rows.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The instruction set in use: "x86-64-v4", "x86-64-v3", "x86-64" or "portable"; the best of this machine, or a lower one named in
/// the environment as KERNELS_INSTRUCTION_SET when the first kernel runs (for tests, and for another machine's bytes).
/// "x86-64-v4+amx" there allows products of bf16 by AMX tiles, "x86-64-v4+bf16" by pairs at most, "x86-64-v4" neither.
/// "amx-emulated" is the portable one with tiles played in C, for tests of what is built on them.
const char *kernels_instruction_set(void);

// ---- Layer norm ---------------------------------------------------------------------------------------------------------

/// y = (x - mean) / √(variance + eps) · gamma + beta for every row; the variance is the biased one.
/// y is [rows, width] of `type`, packed; mean and reciprocalDeviation receive [rows] for backward, or are NULL.
void layer_norm_forward(void *y, int type, float *mean, float *reciprocalDeviation, const float *x, size_t strideX,
                        size_t rows, size_t width, const float *gamma, const float *beta, float eps);

/// Adds the gradient with respect to x into dx, and those of gamma and beta into dGamma and dBeta. dy is [rows, width] packed.
void layer_norm_backward(float *dx, size_t strideDX, float *dGamma, float *dBeta, const float *dy, const float *x,
                         size_t strideX, const float *mean, const float *reciprocalDeviation, size_t rows, size_t width,
                         const float *gamma);

// ---- Activations --------------------------------------------------------------------------------------------------------

/// y = x · Φ(x), Φ the normal distribution (Hendrycks, Gimpel 2016): exact for f32; for bf16 within a hundredth of its rounding.
/// y may be x. Within a network it is the edge of a product.
void gelu_forward(void *y, const void *x, size_t count, int type);

/// y = silu(a) · b for rows x = [a, b] of 2 · width numbers (Shazeer 2020); y is [rows, width].
void swiglu_forward(void *y, const void *x, size_t rows, size_t width, int type);

/// dx, [rows, 2 · width], the gradient with respect to x given that of y.
void swiglu_backward(void *dx, const void *dy, const void *x, size_t rows, size_t width, int type);

// ---- Rows and planes ----------------------------------------------------------------------------------------------------

/// y = x, as `type`: bf16 to the nearest, ties to even.
void convert(void *y, int type, const float *x, size_t count);

/// y = x, from `type`.
void widen(float *y, const void *x, int type, size_t count);

/// sums += Σ over rows of x, in row order.
void column_sums(float *sums, const void *x, int type, size_t rows, size_t columns, size_t stride);

/// dBranch = rowFactor · columnFactor · dy, the gradient of a residual branch before its factors, as `type`; where there is a
/// columnFactor, dFactor += Σ over rows of rowFactor · dy · branch. All [rows, width] packed; factors may be NULL.
void branch_backward(void *dBranch, int type, float *dFactor, const float *dy, const void *branch,
                     const float *columnFactor, const float *rowFactor, size_t rows, size_t width);

/// Turns each head's pairs (x[i], x[i + headWidth/2]) by an angle, in place: rotary positions. cosines and sines are
/// [rows, headWidth / 2]; `backwards` turns the other way, which is the gradient.
void rotate(void *x, int type, size_t stride, const float *cosines, const float *sines, int backwards, size_t rows,
            size_t heads, size_t headWidth);

/// y = a · x + b · y. With b = 0 the old y is not read. y may be x.
void axpby(float *y, const float *x, size_t count, float a, float b);

/// Cuts the patches `first` up to `end` out of a [channels, side, side] image, row by row: one row each, in the order channel, y, x.
/// `side` is a multiple of `patch`.
void gather_patches(void *rows, int type, size_t stride, const float *image, size_t channels, size_t side,
                    size_t patch, size_t first, size_t end);

/// Adds rows of all patches to the image they were cut from.
void scatter_patches(float *image, const float *rows, size_t stride, size_t channels, size_t side, size_t patch);

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
