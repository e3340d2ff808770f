// Attention of one head of one image: softmax(scale · q kᵀ) v, by blocks of queries, so that no matrix of tokens by tokens is ever in memory.
#pragma once
#include "products.h"

#ifdef __cplusplus
extern "C" {
#endif

/// One head of one image. Rows of q, k and v lie `stride` numbers of `type` apart; with bf16 `headWidth` and strides are even.
typedef struct {
  const void *q, *k, *v;
  size_t stride;
  int type;
  size_t tokens;
  /// How many tokens ask, from the first on.
  size_t queries;
  size_t headWidth;
  float scale;
} attention_head;

/// Bytes of scratch that the functions below want, 64-byte aligned.
size_t attention_scratch(size_t tokens, size_t headWidth, int type, int backward);

/// Prepares keys and values of one head in the scratch, for attention_forward.
void attention_prepare(const attention_head *head, void *scratch);

/// out = softmax(scale · q kᵀ) v for the queries from `first` up to `end`; out is [queries, headWidth] of `type`, rows outStride apart.
/// statistics, [queries, 2] or NULL, receives what backward needs: the largest score and one over the sum of exponentials.
void attention_forward(const attention_head *head, size_t first, size_t end, void *out, size_t outStride,
                       float *statistics, void *scratch);

/// Writes the gradients with respect to q (of the queries that asked), k and v, each of `type`, rows gradientStride apart, given that of
/// out; out and its gradient have outStride. No preparation is wanted.
void attention_backward(const attention_head *head, const void *out, const void *outGradient, size_t outStride,
                        const float *statistics, void *dq, void *dk, void *dv, size_t gradientStride, void *scratch);

/// The weights themselves, [queries, tokens] f32 packed: rows that sum to one.
void attention_weights(const attention_head *head, float *weights, void *scratch);

#ifdef __cplusplus
}
#endif
