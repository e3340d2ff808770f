#include "layout_rows.h"

#define BODY "layout_rows.inc"
#include "InstructionSets.inc"

void layout_move(const struct layout_epoch *epoch, size_t first, size_t end) { CALL(move, epoch, first, end) }
