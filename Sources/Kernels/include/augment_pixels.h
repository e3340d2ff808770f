// Pixel loops of the augmentation: planes of 32-bit floats in 0…1, rows packed unless a stride is given.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Every output row is a weighted sum of input rows: target[i][x] = Σ_t weights[i·weightStride + t] · source[(first[i] + t)·sourceStride + x],
/// t < taps[i], x < width. The target's rows are packed.
void augment_weighted_rows(const float *source, size_t sourceStride, size_t width, const int32_t *first, const int32_t *taps,
                           const float *weights, size_t weightStride, size_t rows, float *target);

/// target[c][r] = source[r][c].
void augment_transpose(const float *source, size_t rows, size_t columns, float *target);

/// Turns a square about its centre and keeps the middle: target pixel p shows source pixel R·p, bilinear, edges repeated.
void augment_rotate(const float *source, size_t sourceSide, float cosine, float sine, float *target, size_t targetSide);

/// x = clamp(gain·x + offset).
void augment_affine(float *x, size_t count, float gain, float offset);

/// x = max(x, 0)^exponent, clamped; to about 1e-6. exponent > 0.
void augment_power(float *x, size_t count, float exponent);

/// Σ x, summed in double in a fixed order.
double augment_sum(const float *x, size_t count);

/// The luminance 0.299 r + 0.587 g + 0.114 b of every pixel.
void augment_grey(const float *r, const float *g, const float *b, size_t count, float *grey);

/// Each channel becomes clamp(saturation·channel + (1 − saturation)·luminance).
void augment_saturate(float *r, float *g, float *b, size_t count, float saturation);

/// Turns the hue of every pixel by `turns` of the full circle, keeping value and saturation (HSV).
void augment_turn_hue(float *r, float *g, float *b, size_t count, float turns);

/// x ≥ threshold becomes 1 − x.
void augment_solarize(float *x, size_t count, float threshold);

/// Adds noise of mean 0 and the given deviation, then clamps: the sum of four uniform numbers of 16 bits, hashed from key and index.
void augment_noise(float *x, size_t count, float deviation, uint64_t key);

/// x = min(√((x + n)² + n'²), 1), n and n' noise as above: what noise does to the magnitude of a complex number.
void augment_rician_noise(float *x, size_t count, float deviation, uint64_t key);

/// x = clamp(x·(1 + n)), n noise as above.
void augment_speckle(float *x, size_t count, float deviation, uint64_t key);

/// Optical density d = −ln v of every pixel becomes matrix·d + offset, matrix [3, 3] by rows; v is 1e-6 at least. To about 1e-6.
void augment_optical_density(float *r, float *g, float *b, size_t count, const float *matrix, const float *offset);

/// target = (x − mean)/deviation; the two may be one.
void augment_standardize(const float *x, size_t count, float mean, float deviation, float *target);

#ifdef __cplusplus
}
#endif
