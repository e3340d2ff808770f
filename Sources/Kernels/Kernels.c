#include "Kernels.h"

#define BODY "Bodies.inc"
#include "InstructionSets.inc"

void layer_norm_forward(float *y, float *mean, float *reciprocalDeviation, const float *x, size_t strideX, size_t rows,
                        size_t width, const float *gamma, const float *beta, float eps) {
  CALL(layer_norm_forward, y, mean, reciprocalDeviation, x, strideX, rows, width, gamma, beta, eps)
}

void layer_norm_backward(float *dx, size_t strideDX, float *dGamma, float *dBeta, const float *dy, const float *x,
                         size_t strideX, const float *mean, const float *reciprocalDeviation, size_t rows, size_t width,
                         const float *gamma) {
  CALL(layer_norm_backward, dx, strideDX, dGamma, dBeta, dy, x, strideX, mean, reciprocalDeviation, rows, width, gamma)
}

void softmax_forward(float *scores, size_t rows, size_t columns, size_t stride) {
  CALL(softmax_forward, scores, rows, columns, stride)
}

void softmax_backward(float *dp, const float *p, size_t rows, size_t columns, size_t stride) {
  CALL(softmax_backward, dp, p, rows, columns, stride)
}

void gelu_forward(float *y, const float *x, size_t count) {
  CALL(gelu_forward, y, x, count)
}

void gelu_backward(float *dy, const float *x, size_t count) {
  CALL(gelu_backward, dy, x, count)
}

void broadcast_row(float *y, const float *row, size_t rows, size_t columns, size_t stride) {
  CALL(broadcast_row, y, row, rows, columns, stride)
}

void column_sums(float *sums, const float *x, size_t rows, size_t columns, size_t stride) {
  CALL(column_sums, sums, x, rows, columns, stride)
}

void residual_add(float *out, size_t strideOut, const float *base, size_t strideBase, const float *branch,
                  const float *scale, size_t images, size_t count) {
  CALL(residual_add, out, strideOut, base, strideBase, branch, scale, images, count)
}

void scale_images(float *y, const float *x, const float *scale, size_t images, size_t count) {
  CALL(scale_images, y, x, scale, images, count)
}

void axpby(float *y, const float *x, size_t count, float a, float b) {
  CALL(axpby, y, x, count, a, b)
}

void gather_patches(float *rows, const float *image, size_t images, size_t channels, size_t side, size_t patch) {
  CALL(gather_patches, rows, image, images, channels, side, patch)
}

void adamw(float *p, const float *g, float *m, float *v, size_t count, float lr, float beta1, float beta2, float eps,
           float weightDecay, float biasCorrection1, float biasCorrection2) {
  CALL(adamw, p, g, m, v, count, lr, beta1, beta2, eps, weightDecay, biasCorrection1, biasCorrection2)
}

void ema(float *target, const float *source, size_t count, float momentum) {
  CALL(ema, target, source, count, momentum)
}

double sum_of_squares(const float *x, size_t count) {
  CALL(sum_of_squares, x, count)
}
