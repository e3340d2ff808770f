#include "gram.h"

#include <stdint.h>

#define BODY "gram.inc"
#include "InstructionSets.inc"

size_t gram_panel(void) { CALL(gram_panel) }
size_t gram_triangle(size_t columns) {
  const size_t width = gram_panel(), panels = (columns + width - 1) / width;
  return width * width * (panels * (panels + 1) / 2);
}
size_t gram_scratch(size_t rows, size_t columns) {
  const size_t width = gram_panel(), padded = (columns + width - 1) / width * width;
  // The centred rows, the two parts of the mean, and what aligning takes.
  return padded * (rows + 2) + 16;
}
int gram_add(const float *x, size_t rows, size_t columns, float *scratch, double *mean, double *triangle) {
  CALL(gram_add, x, rows, columns, scratch, mean, triangle)
}
void gram_add_wide(const double *x, size_t rows, size_t columns, double *triangle) {
  CALL(gram_add_wide, x, rows, columns, triangle)
}
void gram_unfold(const double *triangle, size_t columns, double *matrix) {
  const size_t width = gram_panel();
  for (size_t column = 0; column < columns; ++column) {
    const size_t panel = column / width;
    const double *sums = triangle + width * width * (panel * (panel + 1) / 2) + column % width;
    for (size_t row = 0; row <= column; ++row)
      matrix[row * columns + column] = matrix[column * columns + row] = sums[row * width];
  }
}
void gram_centre(const float *x, size_t rows, size_t columns, const float *high, const float *low, float *target) {
  CALL(gram_centre, x, rows, columns, high, low, target)
}
void gram_unit_rows(const float *x, size_t rows, size_t columns, float *target) {
  CALL(gram_unit_rows, x, rows, columns, target)
}
double gram_square(const float *x, size_t count) { CALL(gram_square, x, count) }
