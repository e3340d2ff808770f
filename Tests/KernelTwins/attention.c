#include "twins.h"

#define FACTS "%zu of %zu tokens, width %zu, type %d"
#define FACT_VALUES queries, tokens, width, type

// The largest error, and the largest number, of what was asked.
typedef struct {
  double error, size;
} deviation;
static void compare(deviation *d, double found, double wanted) {
  const double error = fabs(found - wanted);
  if (!(error <= d->error)) d->error = error;
  if (fabs(wanted) > d->size) d->size = fabs(wanted);
}

static void check_head(size_t tokens, size_t queries, size_t width, int type) {
  const size_t stride = 3 * width + 2 * random_between(0, 2), outStride = width + 2 * random_between(0, 2);
  const operand qkv = random_rows(tokens, 3 * width, stride, type), dOut = random_rows(queries, width, outStride, type);
  const operand out = random_rows(queries, width, outStride, type), gradient = random_rows(tokens, 3 * width, stride, type);
  const float scale = 1 / sqrtf((float)width);
  const attention_head head = {.q = qkv.numbers, .k = at(qkv.numbers, width, type), .v = at(qkv.numbers, 2 * width, type),
                               .stride = stride, .type = type, .tokens = tokens, .queries = queries,
                               .headWidth = width, .scale = scale};
  float *statistics = room(8 * queries), *weights = room(4 * queries * tokens);
  void *forward = aligned_alloc(64, attention_scratch(tokens, width, type, 0));
  void *backward = aligned_alloc(64, attention_scratch(tokens, width, type, 1));
  attention_prepare(&head, forward);
  // In two goes, as threads that share an image do.
  attention_forward(&head, 0, queries / 2, out.numbers, outStride, statistics, forward);
  attention_forward(&head, queries / 2, queries, out.numbers, outStride, statistics, forward);
  attention_weights(&head, weights, forward);
  attention_backward(&head, out.numbers, dOut.numbers, outStride, statistics, gradient.numbers,
                     at(gradient.numbers, width, type), at(gradient.numbers, 2 * width, type), stride, backward);
  free(forward);
  free(backward);

  const double *q = qkv.values, *k = q + width, *v = k + width;
  double *p = room(sizeof(double) * tokens), *wanted = calloc(tokens * 3 * width, sizeof(double));
  deviation outs = {0, 0.1}, weightsOff = {0, 1}, gradients = {0, 0.1};
  for (size_t i = 0; i < queries; ++i) {
    double top = -INFINITY, total = 0, inner = 0;
    for (size_t j = 0; j < tokens; ++j) {
      p[j] = 0;
      for (size_t c = 0; c < width; ++c) p[j] += q[i * stride + c] * k[j * stride + c] * scale;
      top = fmax(top, p[j]);
    }
    for (size_t j = 0; j < tokens; ++j) total += p[j] = exp(p[j] - top);
    for (size_t j = 0; j < tokens; ++j) compare(&weightsOff, weights[i * tokens + j], p[j] /= total);
    for (size_t c = 0; c < width; ++c) {
      double y = 0;
      for (size_t j = 0; j < tokens; ++j) y += p[j] * v[j * stride + c];
      compare(&outs, number_at(out.numbers, i * outStride + c, type), y);
      inner += y * dOut.values[i * outStride + c];
    }
    for (size_t j = 0; j < tokens; ++j) {
      double dp = 0;
      for (size_t c = 0; c < width; ++c) dp += dOut.values[i * outStride + c] * v[j * stride + c];
      const double ds = p[j] * (dp - inner) * scale;
      for (size_t c = 0; c < width; ++c) {
        wanted[i * 3 * width + c] += ds * k[j * stride + c];
        wanted[(3 * j + 1) * width + c] += ds * q[i * stride + c];
        wanted[(3 * j + 2) * width + c] += p[j] * dOut.values[i * outStride + c];
      }
    }
  }
  for (size_t j = 0; j < tokens; ++j) {
    for (size_t c = 0; c < 3 * width; ++c) {
      const double found = number_at(gradient.numbers, j * stride + c, type);
      // Queries of tokens that did not ask get no gradient written.
      if (c < width && j >= queries) expect(found != gradient.values[j * stride + c], 0.5, "not asked", FACTS, FACT_VALUES);
      else compare(&gradients, found, wanted[j * 3 * width + c]);
    }
  }
  free(wanted);
  expect(weightsOff.error, 1e-6, "attention weights", FACTS, FACT_VALUES);
  expect(outs.error / outs.size, type == number_bf16 ? 1e-2 : 2e-6, "attention", FACTS, FACT_VALUES);
  expect(gradients.error / gradients.size, type == number_bf16 ? 2e-2 : 1e-5, "attention backward", FACTS, FACT_VALUES);
  release();
}

void check_attention(void) {
  const size_t counts[] = {1, 2, 17, 31, 32, 33, 65, 127, 197}, widths[] = {2, 8, 26, 64};
  for (int type = number_f32; type <= number_bf16; ++type) {
    for (int i = 0; i < 9; ++i) {
      for (int w = 0; w < 4; ++w) {
        check_head(counts[i], 1, widths[w], type);
        if (counts[i] > 1) check_head(counts[i], counts[i], widths[w], type);
      }
    }
  }
}
