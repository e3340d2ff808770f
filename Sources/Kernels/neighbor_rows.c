#include "neighbor_rows.h"

#define BODY "neighbor_rows.inc"
#include "InstructionSets.inc"

double neighbor_square(const float *x, const float *y, size_t count) { CALL(square, x, y, count) }
float neighbor_square_within(const float *x, const float *y, size_t count, float limit) {
  CALL(square_within, x, y, count, limit)
}
void neighbor_project(const float *rows, size_t stride, size_t count, const float *v, size_t split, size_t width,
                      float *head, float *tail) {
  CALL(project, rows, stride, count, v, split, width, head, tail)
}
size_t neighbor_screen(const float *a, const float *normA, const float *limitA, size_t rows, const float *b,
                       const float *normB, const float *limitB, size_t columns, size_t width, uint32_t *pairs) {
  CALL(screen, a, normA, limitA, rows, b, normB, limitB, columns, width, pairs)
}

void neighbor_pack(const float *rows, size_t stride, const uint16_t *chosen, size_t count, size_t width,
                   const float *extra, float *panels) {
  const size_t numbers = width + (extra ? 1 : 0);
  for (size_t start = 0; start < count; start += neighbor_panel, panels += numbers * neighbor_panel) {
    for (size_t j = 0; j < neighbor_panel; ++j) {
      float *column = panels + j;
      if (start + j < count) {
        const size_t at = chosen[start + j];
        const float *row = rows + at * stride;
        for (size_t w = 0; w < width; ++w) column[w * neighbor_panel] = row[w];
        if (extra) column[width * neighbor_panel] = extra[at];
      } else {
        for (size_t w = 0; w < numbers; ++w) column[w * neighbor_panel] = 0;
      }
    }
  }
}
