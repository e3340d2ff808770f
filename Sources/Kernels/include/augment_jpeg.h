// What lossy JPEG does to planes of 32-bit floats in 0…1, without the file.
#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Every block of 8 × 8 of the square plane: v = 255·x to the nearest whole number, less the offset, cosine transform, to the nearest multiple of the 64 steps (by rows), back,
/// cut to −128…127, x = (v + offset)/255. Beyond the right and lower edge the last pixel is repeated. The offset is 128 for grey, 0 for chroma.
void augment_jpeg_plane(float *x, size_t side, const float *steps, float offset);

/// Red, green and blue become JFIF's luminance and two differences of colour about 0.
void augment_to_ycc(float *r, float *g, float *b, size_t count);

/// The way back, clamped to 0…1.
void augment_from_ycc(float *y, float *cb, float *cr, size_t count);

#ifdef __cplusplus
}
#endif
