#include "density_rows.h"

#define BODY "density_rows.inc"
#include "InstructionSets.inc"

void density_squared_distances(const double *questions, size_t asked, const float *rows, size_t count, size_t width,
                               double *distances, size_t stride) {
  CALL(squared_distances, questions, asked, rows, count, width, distances, stride)
}
double density_nearest(const double *squares, size_t count) { CALL(nearest, squares, count) }
double density_inverse_powers(const double *squares, size_t count, double nearest, size_t power) {
  CALL(inverse_powers, squares, count, nearest, power)
}
