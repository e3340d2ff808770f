// Row loops of self-distillation: softmaxes over many outputs, unit vectors, sums of gradients.
#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// p = softmax((logits − centre) · inverseTemperature), safe at any size; returns its entropy in nats.
double dino_soft_target(const float *logits, const float *centre, size_t count, float inverseTemperature, float *p);

/// The largest of count ≥ 1 numbers.
float dino_largest(const float *x, size_t count);

/// x = exp((x − top) · factor) where no number is above top; below e⁻⁸⁷ as that. Returns the sum.
float dino_exponentiate(float *x, size_t count, float factor, float top);

/// x·y.
float dino_dot(const float *x, const float *y, size_t count);

/// x = x · y · factor, element by element.
void dino_weigh(float *x, const float *y, size_t count, float factor);

/// The cross-entropy −Σ target · log softmax(logits · inverseTemperature), where the target's numbers add up to `mass`; writes
/// gradientScale · (mass · softmax − target) as gradient.
double dino_cross_entropy(const float *logits, const float *target, size_t count, float mass, float inverseTemperature,
                          float gradientScale, float *gradient);

/// unit = x / max(‖x‖, 1e-12); returns that maximum. The two may be one.
float dino_unit(const float *x, size_t count, float *unit);

/// dx = factor · (dy − (dy·unit) unit), the gradient of factor · unit(x)·‖x‖; returns dy·unit. dx may be dy.
float dino_tangent(const float *unit, const float *dy, size_t count, float factor, float *dx);

/// target = ((lanes[0] + lanes[1]) + lanes[2]) + …, all from `offset` on; lanes ≥ 1.
void dino_sum_lanes(const float *const *lanes, size_t lanesCount, size_t offset, size_t count, float *target);

/// x *= factor.
void dino_scale(float *x, size_t count, float factor);

#ifdef __cplusplus
}
#endif
