// Rows of a PNG file: filters undone and samples unpacked (W3C PNG specification, third edition, sections 7.2 and 9).
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes after the rows that `png_rows` may read, and does not look at.
enum { png_rows_padding = 8 };

/// Undoes the filters of `rows` rows and writes their samples, packed, to `out`.
///
/// `filtered` holds the rows as inflated, each a filter byte and `rowBytes` bytes, and `png_rows_padding` bytes more; it is overwritten.
/// `pixelBytes` is 1, 2, 3, 4, 6 or 8. A row has `samples` samples of `depth` bits: of 1, 2 and 4 bits each becomes a byte, times `scale`;
/// of 16 each becomes a word of this machine. `out` may be `filtered` where the depth is 8 or 16. Returns 0, or -1 at an unknown filter.
int png_rows(uint8_t *filtered, size_t rows, size_t rowBytes, size_t pixelBytes, size_t samples, int depth, int scale, uint8_t *out);

#ifdef __cplusplus
}
#endif
