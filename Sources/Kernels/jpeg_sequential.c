// Sequential JPEG with samples of up to 12 bits (annexes A and F).
#include <math.h>
#include <stdlib.h>

#include "jpeg_stream.h"

/// One component's blocks, its sides filled up to whole units of the scan.
typedef struct {
  uint16_t *samples;
  uint32_t blocksAcross, blocksDown;
  /// Blocks that hold a part of the picture; what a scan of this component alone has.
  uint32_t usedAcross, usedDown;
} Plane;

static const uint8_t zigzag[64] = {
  0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6,  7,  14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

/// cosines[frequency][place], with the factors of A.3.3.
typedef struct {
  float cosines[8][8];
} Basis;

static void prepare(Basis *basis) {
  for (int u = 0; u < 8; ++u)
    for (int x = 0; x < 8; ++x)
      basis->cosines[u][x] = (float)((u == 0 ? sqrt(0.125) : 0.5) * cos((2 * x + 1) * u * 3.14159265358979323846 / 16));
}

/// The inverse transform, moved up to the middle of the range and cut to it.
static void inverse(const Basis *basis, const float *coefficients, uint32_t precision, uint16_t *to, size_t pitch) {
  float half[64];
  for (int v = 0; v < 8; ++v) {
    float sum[8] = {0};
    for (int u = 0; u < 8; ++u)
      for (int x = 0; x < 8; ++x) sum[x] += coefficients[8 * v + u] * basis->cosines[u][x];
    for (int x = 0; x < 8; ++x) half[8 * v + x] = sum[x];
  }
  const float middle = (float)(1u << (precision - 1)) + 0.5f, top = (float)((1u << precision) - 1);
  for (int y = 0; y < 8; ++y) {
    float sum[8] = {0};
    for (int v = 0; v < 8; ++v)
      for (int x = 0; x < 8; ++x) sum[x] += half[8 * v + x] * basis->cosines[v][y];
    for (int x = 0; x < 8; ++x) {
      const float value = sum[x] + middle;
      to[y * pitch + x] = (uint16_t)(value < 0 ? 0 : value > top ? top : value);
    }
  }
}

/// The coefficients of one block, multiplied out; false for a code that is none.
static bool readBlock(BitReader *reader, const HuffmanTable *dc, const HuffmanTable *ac, const uint16_t *quantisation,
                      int32_t *prediction, float *coefficients) {
  memset(coefficients, 0, 64 * sizeof *coefficients);
  jpeg_refill(reader);
  int32_t number = 0;
  uint32_t length = jpeg_long_number(dc, reader->bits, &number);
  if (length == 0) return false;
  jpeg_drop(reader, length);
  *prediction = (int32_t)((uint32_t)*prediction + (uint32_t)number);
  coefficients[0] = (float)*prediction * quantisation[0];
  for (uint32_t k = 1; k < 64; ++k) {
    jpeg_refill(reader);
    uint8_t symbol = 0;
    length = jpeg_long_code(ac, reader->bits, &symbol);
    if (length == 0) return false;
    jpeg_drop(reader, length);
    const uint32_t run = symbol >> 4, size = symbol & 15;
    if (size == 0) {
      if (run != 15) return true;
      k += 15;
      continue;
    }
    k += run;
    if (k > 63) return false;
    const int32_t raw = (int32_t)(reader->bits >> (64 - size));
    jpeg_drop(reader, size);
    coefficients[zigzag[k]] = (float)(raw < 1 << (size - 1) ? raw - (1 << size) + 1 : raw) * quantisation[k];
  }
  return true;
}

typedef struct {
  JPEGStream *stream;
  Plane planes[4];
  Basis basis;
} Decoder;

static bool readBlockAt(Decoder *decoder, BitReader *reader, const ScanComponent *part, int32_t *prediction, uint32_t column,
                        uint32_t row) {
  float coefficients[64];
  const JPEGStream *stream = decoder->stream;
  const Plane *plane = &decoder->planes[part->component];
  if (!readBlock(reader, &stream->dc[part->first], &stream->ac[part->second],
                 stream->quantisation[stream->quantisationOf[part->component]], prediction, coefficients))
    return false;
  const size_t pitch = (size_t)plane->blocksAcross * 8;
  inverse(&decoder->basis, coefficients, stream->frame.precision, plane->samples + (size_t)row * 8 * pitch + (size_t)column * 8,
          pitch);
  return true;
}

static int32_t decodeScan(Decoder *decoder, uint32_t unitsAcross, uint32_t unitsDown) {
  JPEGStream *stream = decoder->stream;
  const bool isAlone = stream->scanComponents == 1;
  for (uint32_t i = 0; i < stream->scanComponents; ++i) {
    const ScanComponent *part = &stream->scan[i];
    if (!stream->dc[part->first].isDefined || !stream->ac[part->second].isDefined
        || !stream->hasQuantisation[stream->quantisationOf[part->component]])
      return jpeg_corrupt;
  }
  if (isAlone) {
    unitsAcross = decoder->planes[stream->scan[0].component].usedAcross;
    unitsDown = decoder->planes[stream->scan[0].component].usedDown;
  }
  const uint64_t units = (uint64_t)unitsAcross * unitsDown;
  int32_t predictions[4] = {0};
  BitReader reader = {0};
  uint32_t restarts = 0;
  for (uint64_t unit = 0; unit < units; ++unit) {
    if (unit == 0 || (stream->restartInterval && unit % stream->restartInterval == 0)) {
      if (unit > 0 && !jpeg_skip_restart(stream, restarts++)) return stream->marker == 0 ? jpeg_truncated : jpeg_corrupt;
      jpeg_next_segment(stream);
      reader = jpeg_bits(stream);
      memset(predictions, 0, sizeof predictions);
    }
    const uint32_t column = (uint32_t)(unit % unitsAcross), row = (uint32_t)(unit / unitsAcross);
    bool isGood = true;
    for (uint32_t i = 0; i < stream->scanComponents; ++i) {
      const ScanComponent *part = &stream->scan[i];
      const uint32_t across = isAlone ? 1 : stream->frame.horizontal[part->component];
      const uint32_t down = isAlone ? 1 : stream->frame.vertical[part->component];
      for (uint32_t b = 0; isGood && b < across * down; ++b)
        isGood = readBlockAt(decoder, &reader, part, &predictions[i], column * across + b % across, row * down + b / across);
    }
    if (jpeg_is_overdrawn(&reader)) return stream->marker == 0 || stream->marker == 0xd9 ? jpeg_truncated : jpeg_corrupt;
    if (!isGood) return jpeg_corrupt;
  }
  return jpeg_ok;
}

/// Room for the components of the frame, and how many units it has.
static int32_t makePlanes(Decoder *decoder, uint32_t *unitsAcross, uint32_t *unitsDown, uint32_t *most) {
  const jpeg_frame *frame = &decoder->stream->frame;
  uint32_t across = 1, down = 1;
  for (uint32_t c = 0; c < frame->components; ++c) {
    const uint32_t h = frame->horizontal[c], v = frame->vertical[c];
    if (h < 1 || h > 4 || v < 1 || v > 4) return jpeg_corrupt;
    if (h > across) across = h;
    if (v > down) down = v;
  }
  for (uint32_t c = 0; c < frame->components; ++c)
    if (across % frame->horizontal[c] || down % frame->vertical[c]) return jpeg_unsupported;
  *unitsAcross = (frame->width + 8 * across - 1) / (8 * across);
  *unitsDown = (frame->height + 8 * down - 1) / (8 * down);
  most[0] = across;
  most[1] = down;
  for (uint32_t c = 0; c < frame->components; ++c) {
    Plane *plane = &decoder->planes[c];
    plane->blocksAcross = *unitsAcross * frame->horizontal[c];
    plane->blocksDown = *unitsDown * frame->vertical[c];
    plane->usedAcross = ((frame->width * frame->horizontal[c] + across - 1) / across + 7) / 8;
    plane->usedDown = ((frame->height * frame->vertical[c] + down - 1) / down + 7) / 8;
    plane->samples = malloc((size_t)plane->blocksAcross * plane->blocksDown * 64 * sizeof *plane->samples);
    if (!plane->samples) return jpeg_no_memory;
  }
  return jpeg_ok;
}

static void interleave(const Decoder *decoder, const uint32_t *most, uint16_t *target) {
  const jpeg_frame *frame = &decoder->stream->frame;
  for (uint32_t c = 0; c < frame->components; ++c) {
    const Plane *plane = &decoder->planes[c];
    const uint32_t right = most[0] / frame->horizontal[c], down = most[1] / frame->vertical[c];
    for (uint32_t y = 0; y < frame->height; ++y) {
      const uint16_t *from = plane->samples + (size_t)(y / down) * plane->blocksAcross * 8;
      uint16_t *to = target + (size_t)y * frame->width * frame->components + c;
      for (uint32_t x = 0; x < frame->width; ++x) to[(size_t)x * frame->components] = from[x / right];
    }
  }
}

int32_t jpeg_decode_sequential(const uint8_t *bytes, size_t length, const jpeg_frame *expected, uint16_t *target) {
  Decoder *decoder = calloc(1, sizeof *decoder);
  if (!decoder) return jpeg_no_memory;
  prepare(&decoder->basis);
  int32_t status = jpeg_open(&decoder->stream, bytes, length);
  uint32_t unitsAcross = 0, unitsDown = 0, decoded = 0, most[2] = {1, 1};
  while (status == jpeg_ok) {
    JPEGStream *stream = decoder->stream;
    const jpeg_frame *frame = &stream->frame;
    bool found;
    status = jpeg_next_scan(stream, &found);
    if (status != jpeg_ok) break;
    if (!found) {
      status = jpeg_truncated;
      break;
    }
    if (frame->process > 1) status = jpeg_unsupported;
    if (frame->width != expected->width || frame->height != expected->height || frame->height == 0
        || frame->components != expected->components || frame->precision != expected->precision
        || (frame->precision != 8 && frame->precision != 12))
      status = jpeg_corrupt;
    // Some writers leave the fields for the band of frequencies empty; a sequential scan always has them all.
    if (status == jpeg_ok && unitsAcross == 0) status = makePlanes(decoder, &unitsAcross, &unitsDown, most);
    if (status == jpeg_ok) status = decodeScan(decoder, unitsAcross, unitsDown);
    for (uint32_t i = 0; i < stream->scanComponents; ++i) decoded |= 1u << stream->scan[i].component;
    if (status == jpeg_ok && decoded == (1u << frame->components) - 1) {
      interleave(decoder, most, target);
      break;
    }
  }
  for (int c = 0; c < 4; ++c) free(decoder->planes[c].samples);
  jpeg_close(decoder->stream);
  free(decoder);
  return status;
}
