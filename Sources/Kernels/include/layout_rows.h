// One epoch of UMAP's layout (McInnes, Healy, Melville 2018, appendix C), vertex by vertex: every vertex gathers the forces of
// its sampled edges and of random strangers from where all stood before, and moves itself only.
//
// Products and sums are never fused, powers are our own polynomials, and there are eight running sums whatever the instruction
// set: the same bytes on every machine.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct layout_epoch {
  // Where the others stand, [strangers, dimensions], and where the vertices stand, [vertices, dimensions].
  const float *others, *own;
  // Where the vertices stand afterwards, and their moments, [vertices, dimensions].
  float *moved, *first_moment, *second_moment;
  // Edges of vertex i: starts[i]..<starts[i + 1] of ends (rows of others), periods and due.
  const int64_t *starts;
  const int32_t *ends;
  // Epochs between two samples of an edge, and the epoch its next one is due at.
  const float *periods;
  float *due;
  // A random word of each vertex, and one of the epoch.
  const uint32_t *keys;
  uint32_t epoch_key;
  // Where this epoch's strangers stand, [dimensions, strangers + 8], the first eight once more at the end. A vertex meets `negatives`
  // of them for each sampled edge, one after another from a random one.
  const float *pool;
  uint32_t strangers;
  int32_t negatives, dimensions;
  float epoch;
  // 1 / (1 + 2^(log2_a + b · log2 D²)) is the similarity at distance D; attraction and repulsion are factors of the forces.
  float log2_a, b, attraction, repulsion;
  // Adam (Kingma, Ba 2015): decays, reciprocal corrections of the bias, and the rate of this epoch.
  float beta1, beta2, correction1, correction2, rate;
};

/// Moves vertices first..<end. `dimensions` is at most layout_dimensions.
void layout_move(const struct layout_epoch *epoch, size_t first, size_t end);

enum { layout_dimensions = 64 };

#ifdef __cplusplus
}
#endif
