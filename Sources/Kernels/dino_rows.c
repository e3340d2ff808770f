#include "dino_rows.h"
#include <stdint.h>

#define BODY "dino_rows.inc"
#include "InstructionSets.inc"

double dino_soft_target(const float *logits, const float *centre, size_t count, float inverseTemperature, float *p) {
  CALL(soft_target, logits, centre, count, inverseTemperature, p)
}
float dino_largest(const float *x, size_t count) { CALL(largest, x, count) }
float dino_exponentiate(float *x, size_t count, float factor, float top) { CALL(power_of_e, x, count, factor, top) }
float dino_dot(const float *x, const float *y, size_t count) { CALL(dot, x, y, count) }
void dino_weigh(float *x, const float *y, size_t count, float factor) { CALL(weigh, x, y, count, factor) }
double dino_cross_entropy(const float *logits, const float *target, size_t count, float mass, float inverseTemperature,
                          float gradientScale, float *gradient) {
  CALL(cross_entropy, logits, target, count, mass, inverseTemperature, gradientScale, gradient)
}
float dino_unit(const float *x, size_t count, float *unit) { CALL(unit, x, count, unit) }
float dino_tangent(const float *unit, const float *dy, size_t count, float factor, float *dx) {
  CALL(tangent, unit, dy, count, factor, dx)
}
void dino_sum_lanes(const float *const *lanes, size_t lanesCount, size_t offset, size_t count, float *target) {
  CALL(sum_lanes, lanes, lanesCount, offset, count, target)
}
void dino_scale(float *x, size_t count, float factor) { CALL(scale, x, count, factor) }
