// Lossless JPEG (annex H): every sample is a neighbour's value, or a mean of some, and a coded difference.
#include "jpeg_stream.h"

#define always_inline static inline __attribute__((always_inline))

/// The next difference. Of four calls after a refill none but a long one refills again.
always_inline int32_t difference(BitReader *reader, const HuffmanTable *table, bool *isBad) {
  const int32_t entry = table->fused[reader->bits >> (64 - fused_bits)];
  if (__builtin_expect(entry != 0, 1)) {
    jpeg_drop(reader, entry & 255);
    return entry >> 8;
  }
  jpeg_refill(reader);
  int32_t number = 0;
  const uint32_t length = jpeg_long_number(table, reader->bits, &number);
  if (length == 0) *isBad = true;
  jpeg_drop(reader, length);
  jpeg_refill(reader);
  return number;
}

/// Table H.1; all neighbours are there.
always_inline int32_t predicted(uint32_t predictor, int32_t left, int32_t above, int32_t diagonal) {
  switch (predictor) {
    case 1: return left;
    case 2: return above;
    case 3: return diagonal;
    case 4: return left + above - diagonal;
    case 5: return left + ((above - diagonal) >> 1);
    case 6: return above + ((left - diagonal) >> 1);
    default: return (left + above) >> 1;
  }
}

#define SAMPLE uint8_t
#define NAME(name) name##_8
#include "jpeg_lossless.inc"
#undef SAMPLE
#undef NAME
#define SAMPLE uint16_t
#define NAME(name) name##_16
#include "jpeg_lossless.inc"

/// Decodes one scan; its components lie in every pixel where the frame has them.
static int32_t decodeScan(JPEGStream *stream, void *target) {
  const jpeg_frame *frame = &stream->frame;
  const uint32_t predictor = stream->spectralStart, shift = stream->approximation & 15;
  if (predictor < 1 || predictor > 7 || shift >= frame->precision) return jpeg_corrupt;
  for (uint32_t i = 0; i < stream->scanComponents; ++i)
    if (!stream->dc[stream->scan[i].first].isDefined) return jpeg_corrupt;
  uint32_t rows = frame->height;
  if (stream->restartInterval) {
    // Annex H.1.1: whole lines only.
    if (stream->restartInterval % frame->width) return jpeg_corrupt;
    rows = stream->restartInterval / frame->width;
  }
  for (uint32_t row = 0, index = 0; row < frame->height; row += rows, ++index) {
    if (row > 0 && !jpeg_skip_restart(stream, index - 1)) return stream->marker == 0 ? jpeg_truncated : jpeg_corrupt;
    jpeg_next_segment(stream);
    const uint32_t count = rows < frame->height - row ? rows : frame->height - row;
    const int32_t status = frame->precision <= 8 ? lines_8(stream, predictor, shift, row, count, target)
                                                 : lines_16(stream, predictor, shift, row, count, target);
    if (status != jpeg_ok) return status;
  }
  if (shift == 0) return jpeg_ok;
  for (uint32_t i = 0; i < stream->scanComponents; ++i) {
    if (frame->precision <= 8) scale_8(frame, stream->scan[i].component, shift, target);
    else scale_16(frame, stream->scan[i].component, shift, target);
  }
  return jpeg_ok;
}

int32_t jpeg_decode_lossless(const uint8_t *bytes, size_t length, const jpeg_frame *expected, void *target) {
  JPEGStream *stream;
  int32_t status = jpeg_open(&stream, bytes, length);
  uint32_t decoded = 0;
  while (status == jpeg_ok) {
    bool found;
    status = jpeg_next_scan(stream, &found);
    if (status != jpeg_ok) break;
    const jpeg_frame *frame = &stream->frame;
    const uint32_t all = (1u << frame->components) - 1;
    if (!found) {
      if (frame->components == 0 || decoded != all) status = jpeg_truncated;
      break;
    }
    if (frame->process != 3) status = jpeg_unsupported;
    if (frame->width != expected->width || frame->height != expected->height || frame->components != expected->components
        || frame->precision != expected->precision || frame->precision < 2 || frame->precision > 16)
      status = jpeg_corrupt;
    for (uint32_t c = 1; c < frame->components; ++c)
      if (frame->horizontal[c] != frame->horizontal[0] || frame->vertical[c] != frame->vertical[0]) status = jpeg_unsupported;
    if (status == jpeg_ok) status = decodeScan(stream, target);
    for (uint32_t i = 0; i < stream->scanComponents; ++i) decoded |= 1u << stream->scan[i].component;
    // What follows a whole picture is of no concern: not every writer ends it well.
    if (status == jpeg_ok && decoded == all) break;
  }
  jpeg_close(stream);
  return status;
}
