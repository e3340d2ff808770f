// What both decoders share: marker segments, Huffman tables, and bits out of entropy-coded segments.
#pragma once
#include <stdbool.h>
#include <string.h>

#include "jpeg.h"

enum { fused_bits = 12 };

typedef struct {
  bool isDefined;
  uint8_t values[256];
  /// Codes of l bits are those below limit[l], counted in units of 2^-16; limit[17] ends the search.
  uint32_t limit[18];
  /// Adds to a code of l bits to find its value's place.
  int32_t offset[17];
  /// By the next `fused_bits`: length of code and number together in the low 8 bits and the number above; 0 where they are longer.
  int32_t fused[1 << fused_bits];
} HuffmanTable;

/// One component of a scan.
typedef struct {
  uint32_t component;
  uint32_t first, second;
} ScanComponent;

typedef struct {
  const uint8_t *at, *end;
  HuffmanTable dc[4], ac[4];
  uint16_t quantisation[4][64];
  bool hasQuantisation[4];
  uint8_t quantisationOf[4];
  uint32_t restartInterval;
  jpeg_frame frame;
  /// The scan that begins at `at`.
  uint32_t scanComponents;
  ScanComponent scan[4];
  uint32_t spectralStart, spectralEnd, approximation;
  /// The entropy-coded segment without stuffed bytes, and 16 zeros.
  uint8_t *segment;
  size_t segmentLength;
  /// The marker behind the segment; 0 where the data end.
  uint8_t marker;
} JPEGStream;

/// Bits of a segment, most significant first; zeros beyond its end, counted.
typedef struct {
  const uint8_t *at, *end;
  uint64_t bits;
  uint32_t count;
  uint32_t beyond;
  const uint8_t *start;
} BitReader;

/// Opens a stream for decoding; `jpeg_close` whatever it returns.
int32_t jpeg_open(JPEGStream **stream, const uint8_t *bytes, size_t length);
void jpeg_close(JPEGStream *stream);
/// Reads segments up to and with the next scan header; *found is false at the end of the image.
int32_t jpeg_next_scan(JPEGStream *stream, bool *found);
/// Unstuffs the next entropy-coded segment, up to the marker behind it.
void jpeg_next_segment(JPEGStream *stream);
/// Steps over restart marker number `index`; false if something else stands there.
bool jpeg_skip_restart(JPEGStream *stream, uint32_t index);

/// A code and its number where `fused` does not have them: the length of both, or 0 for no code; the number in *number.
uint32_t jpeg_long_number(const HuffmanTable *table, uint64_t bits, int32_t *number);
/// A code: its length, or 0 for none; its value in *value.
uint32_t jpeg_long_code(const HuffmanTable *table, uint64_t bits, uint8_t *value);

static inline BitReader jpeg_bits(const JPEGStream *stream) {
  BitReader reader = {stream->segment, stream->segment + stream->segmentLength, 0, 0, 0, stream->segment};
  return reader;
}

/// At least 56 bits are there afterwards.
static inline __attribute__((always_inline)) void jpeg_refill(BitReader *reader) {
  const uint32_t bytes = (63 - reader->count) >> 3;
  if (__builtin_expect(reader->at <= reader->end, 1)) {
    uint64_t next;
    memcpy(&next, reader->at, 8);
    reader->bits |= __builtin_bswap64(next) >> reader->count;
    reader->at += bytes;
  } else {
    reader->beyond += bytes;
  }
  reader->count += bytes * 8;
}

static inline __attribute__((always_inline)) void jpeg_drop(BitReader *reader, uint32_t count) {
  reader->bits <<= count;
  reader->count -= count;
}

/// Whether more bits were taken than the segment has.
static inline bool jpeg_is_overdrawn(const BitReader *reader) {
  const int64_t taken = ((int64_t)(reader->at - reader->start) + reader->beyond) * 8 - reader->count;
  return taken > (int64_t)(reader->end - reader->start) * 8;
}
