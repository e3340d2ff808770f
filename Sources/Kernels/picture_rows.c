#include "picture_rows.h"

#define BODY "picture_rows.inc"
#include "InstructionSets.inc"

void picture_look_up(const void *source, int bytes, size_t step, size_t count, const float *table, float *target) {
  CALL(look_up, source, bytes, step, count, table, target)
}
void picture_scale(const void *source, int bytes, size_t step, size_t count, float factor, float *target) {
  CALL(scale, source, bytes, step, count, factor, target)
}
void picture_part(const float *source, size_t count, float *a, float *b, float *c) { CALL(part, source, count, a, b, c) }
void picture_add_row(const float *row, size_t count, float *first, float firstWeight, float *second, float secondWeight) {
  CALL(add_row, row, count, first, firstWeight, second, secondWeight)
}
void picture_gather_row(const float *row, const int32_t *start, const float *weights, size_t stride, size_t count,
                        float *target) {
  CALL(gather_row, row, start, weights, stride, count, target)
}
int picture_is_grey(const void *source, int bytes, size_t count) { CALL(is_grey, source, bytes, count) }
void picture_first_of_three(const void *source, int bytes, size_t count, void *target) {
  CALL(first_of_three, source, bytes, count, target)
}
void picture_words(const float *shades, size_t count, uint16_t *target) { CALL(words, shades, count, target) }
