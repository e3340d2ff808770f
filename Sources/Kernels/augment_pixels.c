#include "augment_pixels.h"

#define BODY "augment_pixels.inc"
#include "InstructionSets.inc"

void augment_weighted_rows(const float *source, size_t sourceStride, size_t width, const int32_t *first, const int32_t *taps,
                           const float *weights, size_t weightStride, size_t rows, float *target) {
  CALL(weighted_rows, source, sourceStride, width, first, taps, weights, weightStride, rows, target)
}
void augment_transpose(const float *source, size_t rows, size_t columns, float *target) {
  CALL(transpose, source, rows, columns, target)
}
void augment_rotate(const float *source, size_t sourceSide, float cosine, float sine, float *target, size_t targetSide) {
  CALL(rotate, source, sourceSide, cosine, sine, target, targetSide)
}
void augment_affine(float *x, size_t count, float gain, float offset) { CALL(affine, x, count, gain, offset) }
void augment_power(float *x, size_t count, float exponent) { CALL(power, x, count, exponent) }
double augment_sum(const float *x, size_t count) { CALL(sum, x, count) }
void augment_grey(const float *r, const float *g, const float *b, size_t count, float *grey) { CALL(grey, r, g, b, count, grey) }
void augment_saturate(float *r, float *g, float *b, size_t count, float saturation) {
  CALL(saturate, r, g, b, count, saturation)
}
void augment_turn_hue(float *r, float *g, float *b, size_t count, float turns) { CALL(turn_hue, r, g, b, count, turns) }
void augment_solarize(float *x, size_t count, float threshold) { CALL(solarize, x, count, threshold) }
void augment_noise(float *x, size_t count, float deviation, uint64_t key) { CALL(noise, x, count, deviation, key) }
void augment_rician_noise(float *x, size_t count, float deviation, uint64_t key) {
  CALL(rician_noise, x, count, deviation, key)
}
void augment_speckle(float *x, size_t count, float deviation, uint64_t key) { CALL(speckle, x, count, deviation, key) }
void augment_optical_density(float *r, float *g, float *b, size_t count, const float *matrix, const float *offset) {
  CALL(optical_density, r, g, b, count, matrix, offset)
}
void augment_standardize(const float *x, size_t count, float mean, float deviation, float *target) {
  CALL(standardize, x, count, mean, deviation, target)
}
