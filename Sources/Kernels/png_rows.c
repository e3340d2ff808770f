#include "png_rows.h"

#include <string.h>

// A pixel of up to 8 bytes, widened, so that sums and differences of bytes fit.
typedef uint8_t bytes8 __attribute__((vector_size(8)));
typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef int16_t words8 __attribute__((vector_size(16)));

enum { filter_none, filter_sub, filter_up, filter_average, filter_paeth };

// How many rows of one serial filter are undone side by side, each a pixel behind the one above: their chains overlap.
enum { abreast = 4 };

#define BODY "png_rows.inc"
#include "InstructionSets.inc"

int png_rows(uint8_t *filtered, size_t rows, size_t rowBytes, size_t pixelBytes, size_t samples, int depth, int scale, uint8_t *out) {
  CALL(unfilter_and_unpack, filtered, rows, rowBytes, pixelBytes, samples, depth, scale, out)
}
