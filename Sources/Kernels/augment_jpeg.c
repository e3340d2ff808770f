#include "augment_jpeg.h"

// Row u of the orthonormal cosine transform: √(1/8) for u = 0, else ½ cos((2i + 1)uπ/16).
#define A 0.353553390593f
#define B 0.490392640202f
#define C 0.461939766256f
#define D 0.415734806151f
#define E 0.277785116510f
#define F 0.191341716183f
#define G 0.097545161008f
static const float cosines[64] = {
    A, A,  A,  A,  A,  A,  A,  A,   //
    B, D,  E,  G,  -G, -E, -D, -B,  //
    C, F,  -F, -C, -C, -F, F,  C,   //
    D, -G, -B, -E, E,  B,  G,  -D,  //
    A, -A, -A, A,  A,  -A, -A, A,   //
    E, -B, G,  D,  -D, -G, B,  -E,  //
    F, -C, C,  -F, -F, C,  -C, F,   //
    G, -E, D,  -B, B,  -D, E,  -G,  //
};
#undef A
#undef B
#undef C
#undef D
#undef E
#undef F
#undef G

static void transposed(const float *a, float *b) {
  for (int i = 0; i < 64; i++) b[i % 8 * 8 + i / 8] = a[i];
}

#define BODY "augment_jpeg.inc"
#include "InstructionSets.inc"

void augment_jpeg_plane(float *x, size_t side, const float *steps, float offset) {
  CALL(jpeg_plane, x, side, steps, offset)
}
void augment_to_ycc(float *r, float *g, float *b, size_t count) { CALL(to_ycc, r, g, b, count) }
void augment_from_ycc(float *y, float *cb, float *cr, size_t count) { CALL(from_ycc, y, cb, cr, count) }
