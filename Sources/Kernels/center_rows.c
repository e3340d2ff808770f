#include "center_rows.h"
#include <string.h>

#define BODY "center_rows.inc"
#include "InstructionSets.inc"

double center_store(const float *x, const float *origin, float scale, size_t columns, float *row) {
  CALL(store_row, x, origin, scale, columns, row)
}
size_t center_unsure(const uint8_t *bounds, const uint8_t *travelled, uint8_t reach, size_t own, size_t count, uint8_t *flags) {
  CALL(unsure, bounds, travelled, reach, own, count, flags)
}
void center_tally(const uint8_t *flags, size_t count, uint8_t *tally) { CALL(tally, flags, count, tally) }
size_t center_list(const uint8_t *flags, size_t count, uint32_t *which) { CALL(list, flags, count, which) }
size_t center_likely(const uint8_t *bounds, const uint8_t *travelled, size_t own, size_t count) {
  CALL(likely, bounds, travelled, own, count)
}
void center_rebase(uint8_t *bounds, const uint8_t *steps, size_t count) { CALL(rebase, bounds, steps, count) }
void center_products(const float *row, const float *questions, size_t columns, size_t stride, const uint32_t *which, size_t count,
                     float *products) {
  CALL(products, row, questions, columns, stride, which, count, products)
}
float center_least(const float *products, const float *slack, size_t count) { CALL(least, products, slack, count) }
size_t center_within(const float *products, size_t count, float limit, uint32_t *which) {
  CALL(within, products, count, limit, which)
}
void center_bounds(const float *products, const float *travelled, float error, float perStep, size_t count, uint8_t *bounds) {
  CALL(bounds, products, travelled, error, perStep, count, bounds)
}
void center_bounds_at(const float *products, const uint32_t *which, const float *travelled, float error, float perStep,
                      size_t count, uint8_t *bounds) {
  CALL(bounds_at, products, which, travelled, error, perStep, count, bounds)
}
void center_add(double *sum, const float *row, size_t count) { CALL(add, sum, row, count) }
double center_distance(const float *row, const double *center, size_t count) { CALL(distance, row, center, count) }
void center_extend(float *low, float *high, const float *row, size_t count) { CALL(extend, low, high, row, count) }
