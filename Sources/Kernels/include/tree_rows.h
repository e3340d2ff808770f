// The leaf loop of a kd-tree: 32-bit distances that propose, many at a time.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Which rows of one leaf may be near which of another. A leaf is 32 rows, transposed: [columns, 32], missing rows NaN.
/// Of the rows `asked` those in `active` take part; row i is interested in squared distances up to limits[i] as 32-bit
/// arithmetic has them: relative error at most (columns + 3) · 2⁻²⁴ to first order, whatever the instruction set, as nothing but
/// differences of the rows themselves is squared and added. `box` is the box of `rows`: [2, columns], lowest and highest.
/// Sets hits[i] (bit j: row j) for every i in the set that is returned: those with any hit.
uint32_t tree_near(const float *asked, uint32_t active, const float *limits, const float *rows, const float *box,
                   size_t columns, uint32_t *hits);

#ifdef __cplusplus
}
#endif
