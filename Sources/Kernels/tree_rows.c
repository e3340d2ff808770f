#include "tree_rows.h"
#include <string.h>

#define BODY "tree_rows.inc"
#include "InstructionSets.inc"

uint32_t tree_near(const float *asked, uint32_t active, const float *limits, const float *rows, const float *box,
                   size_t columns, uint32_t *hits) {
  CALL(near, asked, active, limits, rows, box, columns, hits)
}
