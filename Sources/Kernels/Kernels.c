#include "Kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define WITH_BF16
#define BODY "Bodies.inc"
#include "InstructionSets.inc"

// ---- Products -----------------------------------------------------------------------------------------------------------

void product(const product_sides *sides, const product_edge *edge) { CALL(product, sides, edge) }
double product_peak(size_t rounds, int type) { CALL(product_peak, rounds, type) }
void product_pack(uint32_t *packed, int type, const void *source, int sourceType, size_t stride, size_t depth,
                  size_t columns) {
  CALL(product_pack, packed, type, source, sourceType, stride, depth, columns)
}
void product_pack_transposed(uint32_t *packed, int type, const void *source, int sourceType, size_t stride,
                             size_t depth, size_t columns) {
  CALL(product_pack_transposed, packed, type, source, sourceType, stride, depth, columns)
}
size_t product_left_words(size_t depth, size_t rows, int type) { CALL(product_left_words, depth, rows, type) }
void product_pack_left(uint32_t *packed, int type, const void *source, int sourceType, size_t stride, size_t depth,
                       size_t rows) {
  CALL(product_pack_left, packed, type, source, sourceType, stride, depth, rows)
}

// ---- Attention ----------------------------------------------------------------------------------------------------------

size_t attention_scratch(size_t tokens, size_t headWidth, int type, int backward) {
  CALL(attention_scratch, tokens, headWidth, type, backward)
}
void attention_prepare(const attention_head *head, void *scratch) { CALL(attention_prepare, head, scratch) }
void attention_forward(const attention_head *head, size_t first, size_t end, void *out, size_t outStride,
                       float *statistics, void *scratch) {
  CALL(attention_forward, head, first, end, out, outStride, statistics, scratch)
}
void attention_backward(const attention_head *head, const void *out, const void *outGradient, size_t outStride,
                        const float *statistics, void *dq, void *dk, void *dv, size_t gradientStride, void *scratch) {
  CALL(attention_backward, head, out, outGradient, outStride, statistics, dq, dk, dv, gradientStride, scratch)
}
void attention_weights(const attention_head *head, float *weights, void *scratch) {
  CALL(attention_weights, head, weights, scratch)
}

// ---- Rows ---------------------------------------------------------------------------------------------------------------

void layer_norm_forward(void *y, int type, float *mean, float *reciprocalDeviation, const float *x, size_t strideX,
                        size_t rows, size_t width, const float *gamma, const float *beta, float eps) {
  CALL(layer_norm_forward, y, type, mean, reciprocalDeviation, x, strideX, rows, width, gamma, beta, eps)
}
void layer_norm_backward(float *dx, size_t strideDX, float *dGamma, float *dBeta, const float *dy, const float *x,
                         size_t strideX, const float *mean, const float *reciprocalDeviation, size_t rows, size_t width,
                         const float *gamma) {
  CALL(layer_norm_backward, dx, strideDX, dGamma, dBeta, dy, x, strideX, mean, reciprocalDeviation, rows, width, gamma)
}
void gelu_forward(void *y, const void *x, size_t count, int type) { CALL(gelu_forward, y, x, count, type) }
void swiglu_forward(void *y, const void *x, size_t rows, size_t width, int type) {
  CALL(swiglu_forward, y, x, rows, width, type)
}
void swiglu_backward(void *dx, const void *dy, const void *x, size_t rows, size_t width, int type) {
  CALL(swiglu_backward, dx, dy, x, rows, width, type)
}
void convert(void *y, int type, const float *x, size_t count) { CALL(convert, y, type, x, count) }
void widen(float *y, const void *x, int type, size_t count) { CALL(widen, y, x, type, count) }
void column_sums(float *sums, const void *x, int type, size_t rows, size_t columns, size_t stride) {
  CALL(column_sums, sums, x, type, rows, columns, stride)
}
void branch_backward(void *dBranch, int type, float *dFactor, const float *dy, const void *branch,
                     const float *columnFactor, const float *rowFactor, size_t rows, size_t width) {
  CALL(branch_backward, dBranch, type, dFactor, dy, branch, columnFactor, rowFactor, rows, width)
}
void rotate(void *x, int type, size_t stride, const float *cosines, const float *sines, int backwards, size_t rows,
            size_t heads, size_t headWidth) {
  CALL(rotate, x, type, stride, cosines, sines, backwards, rows, heads, headWidth)
}
void axpby(float *y, const float *x, size_t count, float a, float b) { CALL(axpby, y, x, count, a, b) }
void gather_patches(void *rows, int type, size_t stride, const float *image, size_t channels, size_t side,
                    size_t patch, size_t first, size_t end) {
  CALL(gather_patches, rows, type, stride, image, channels, side, patch, first, end)
}
void scatter_patches(float *image, const float *rows, size_t stride, size_t channels, size_t side, size_t patch) {
  CALL(scatter_patches, image, rows, stride, channels, side, patch)
}

// ---- Optimiser ----------------------------------------------------------------------------------------------------------

void adamw(float *p, const float *g, float *m, float *v, size_t count, float lr, float beta1, float beta2, float eps,
           float weightDecay, float biasCorrection1, float biasCorrection2) {
  CALL(adamw, p, g, m, v, count, lr, beta1, beta2, eps, weightDecay, biasCorrection1, biasCorrection2)
}
void ema(float *target, const float *source, size_t count, float momentum) {
  CALL(ema, target, source, count, momentum)
}
double sum_of_squares(const float *x, size_t count) { CALL(sum_of_squares, x, count) }
