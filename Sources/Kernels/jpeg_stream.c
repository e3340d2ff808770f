#include "jpeg_stream.h"

#include <stdlib.h>

static uint32_t word(const uint8_t *at) { return (uint32_t)at[0] << 8 | at[1]; }

/// The number that `size` more bits say (annex F.2.2.1).
static int32_t extended(uint32_t raw, uint32_t size) {
  return raw < (1u << (size - 1)) ? (int32_t)raw - (1 << size) + 1 : (int32_t)raw;
}

uint32_t jpeg_long_code(const HuffmanTable *table, uint64_t bits, uint8_t *value) {
  const uint32_t next = (uint32_t)(bits >> 48);
  uint32_t length = 1;
  while (length <= 16 && next >= table->limit[length]) ++length;
  if (length > 16) return 0;
  *value = table->values[((int32_t)(next >> (16 - length)) + table->offset[length]) & 255];
  return length;
}

uint32_t jpeg_long_number(const HuffmanTable *table, uint64_t bits, int32_t *number) {
  uint8_t size = 0;
  const uint32_t length = jpeg_long_code(table, bits, &size);
  if (length == 0 || size > 16) return 0;
  if (size == 16) {
    *number = 32768;
    return length;
  }
  *number = size == 0 ? 0 : extended((uint32_t)(bits << length >> (64 - size)), size);
  return length + size;
}

/// Annex C. False for counts that no prefix code has.
static bool define(HuffmanTable *table, const uint8_t *counts, const uint8_t *values, uint32_t total) {
  memset(table->values, 0, sizeof table->values);
  memcpy(table->values, values, total);
  uint32_t code = 0, place = 0;
  for (uint32_t length = 1; length <= 16; ++length) {
    table->offset[length] = (int32_t)place - (int32_t)code;
    code += counts[length - 1];
    place += counts[length - 1];
    if (code > 1u << length) return false;
    table->limit[length] = code << (16 - length);
    code <<= 1;
  }
  table->isDefined = true;
  for (uint32_t next = 0; next < 1u << fused_bits; ++next) {
    int32_t number = 0;
    const uint32_t length = jpeg_long_number(table, (uint64_t)next << (64 - fused_bits), &number);
    table->fused[next] = length > 0 && length <= fused_bits ? (int32_t)((uint32_t)number << 8 | length) : 0;
  }
  return true;
}

static int32_t readHuffmanTables(JPEGStream *stream, const uint8_t *at, size_t length) {
  while (length > 0) {
    if (length < 17) return jpeg_corrupt;
    const uint32_t kind = at[0] >> 4, place = at[0] & 15;
    uint32_t total = 0;
    for (int i = 1; i <= 16; ++i) total += at[i];
    if (kind > 1 || place > 3 || total > 256 || length < 17 + total) return jpeg_corrupt;
    if (!define(kind == 0 ? &stream->dc[place] : &stream->ac[place], at + 1, at + 17, total)) return jpeg_corrupt;
    at += 17 + total;
    length -= 17 + total;
  }
  return jpeg_ok;
}

static int32_t readQuantisation(JPEGStream *stream, const uint8_t *at, size_t length) {
  while (length > 0) {
    const uint32_t width = (at[0] >> 4) + 1u, place = at[0] & 15;
    if (width > 2 || place > 3 || length < 1 + 64 * width) return jpeg_corrupt;
    for (int i = 0; i < 64; ++i)
      stream->quantisation[place][i] = (uint16_t)(width == 1 ? at[1 + i] : word(at + 1 + 2 * i));
    stream->hasQuantisation[place] = true;
    at += 1 + 64 * width;
    length -= 1 + 64 * width;
  }
  return jpeg_ok;
}

static int32_t readFrameHeader(jpeg_frame *frame, uint8_t *quantisationOf, uint8_t marker, const uint8_t *at, size_t length) {
  if (length < 6) return jpeg_corrupt;
  frame->process = marker == 0xf7 ? 16 : marker & 15;
  frame->precision = at[0];
  frame->height = word(at + 1);
  frame->width = word(at + 3);
  frame->components = at[5];
  if (length < 6 + 3 * (size_t)frame->components || frame->components == 0 || frame->width == 0) return jpeg_corrupt;
  for (uint32_t c = 0; c < frame->components && c < 4; ++c) {
    frame->identifiers[c] = at[6 + 3 * c];
    frame->horizontal[c] = at[7 + 3 * c] >> 4;
    frame->vertical[c] = at[7 + 3 * c] & 15;
    if (quantisationOf) quantisationOf[c] = at[8 + 3 * c] & 3;
  }
  return jpeg_ok;
}

static void readApplication(jpeg_frame *frame, uint8_t marker, const uint8_t *at, size_t length) {
  if (marker == 0xee && length >= 12 && memcmp(at, "Adobe", 5) == 0) frame->adobe = at[11];
  if (length >= 4 && memcmp(at, "JFIF", 4) == 0) frame->is_jfif = 1;
}

static bool isFrame(uint8_t marker) {
  return (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) || marker == 0xf7;
}

/// The next marker and the segment behind it; *marker is 0 where the data end before one.
static int32_t nextSegment(const uint8_t **at, const uint8_t *end, uint8_t *marker, const uint8_t **body, size_t *length) {
  *marker = 0;
  *length = 0;
  const uint8_t *p = *at;
  if (p < end && *p != 0xff) return jpeg_corrupt;
  while (p < end && *p == 0xff) ++p;
  if (p == end) return jpeg_ok;
  *marker = *p++;
  *body = p;
  *at = p;
  if (*marker == 0x00) return jpeg_corrupt;
  if (*marker == 0x01 || (*marker >= 0xd0 && *marker <= 0xd9)) return jpeg_ok;
  if (end - p < 2) return jpeg_truncated;
  const size_t size = word(p);
  if (size < 2) return jpeg_corrupt;
  if ((size_t)(end - p) < size) return jpeg_truncated;
  *body = p + 2;
  *length = size - 2;
  *at = p + size;
  return jpeg_ok;
}

int32_t jpeg_read_frame(const uint8_t *bytes, size_t length, jpeg_frame *frame) {
  memset(frame, 0, sizeof *frame);
  frame->adobe = -1;
  if (length < 2) return jpeg_truncated;
  if (bytes[0] != 0xff || bytes[1] != 0xd8) return jpeg_corrupt;
  const uint8_t *at = bytes + 2, *end = bytes + length, *body = NULL;
  for (;;) {
    uint8_t marker;
    size_t size;
    const int32_t status = nextSegment(&at, end, &marker, &body, &size);
    if (status != jpeg_ok) return status;
    if (marker == 0) return jpeg_truncated;
    if (marker == 0xd9 || marker == 0xda) return jpeg_corrupt;
    if (isFrame(marker)) return readFrameHeader(frame, NULL, marker, body, size);
    if (marker >= 0xe0 && marker <= 0xef) readApplication(frame, marker, body, size);
  }
}

int32_t jpeg_open(JPEGStream **stream, const uint8_t *bytes, size_t length) {
  *stream = calloc(1, sizeof **stream);
  if (!*stream) return jpeg_no_memory;
  (*stream)->segment = malloc(length + 16);
  if (!(*stream)->segment) return jpeg_no_memory;
  if (length < 2 || bytes[0] != 0xff || bytes[1] != 0xd8) return jpeg_corrupt;
  (*stream)->at = bytes + 2;
  (*stream)->end = bytes + length;
  return jpeg_ok;
}

void jpeg_close(JPEGStream *stream) {
  if (!stream) return;
  free(stream->segment);
  free(stream);
}

static int32_t readScanHeader(JPEGStream *stream, const uint8_t *at, size_t length) {
  if (stream->frame.components == 0 || length < 1) return jpeg_corrupt;
  const uint32_t count = at[0];
  if (count < 1 || count > 4 || length < 4 + 2 * (size_t)count) return jpeg_corrupt;
  stream->scanComponents = count;
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t c = 0;
    while (c < stream->frame.components && c < 4 && stream->frame.identifiers[c] != at[1 + 2 * i]) ++c;
    if (c == stream->frame.components || c == 4) return jpeg_corrupt;
    for (uint32_t k = 0; k < i; ++k)
      if (stream->scan[k].component == c) return jpeg_corrupt;
    stream->scan[i] = (ScanComponent){c, at[2 + 2 * i] >> 4, at[2 + 2 * i] & 15};
    if (stream->scan[i].first > 3 || stream->scan[i].second > 3) return jpeg_corrupt;
  }
  stream->spectralStart = at[1 + 2 * count];
  stream->spectralEnd = at[2 + 2 * count];
  stream->approximation = at[3 + 2 * count];
  return jpeg_ok;
}

int32_t jpeg_next_scan(JPEGStream *stream, bool *found) {
  *found = false;
  const uint8_t *body = NULL;
  for (;;) {
    uint8_t marker;
    size_t size;
    int32_t status = nextSegment(&stream->at, stream->end, &marker, &body, &size);
    if (status != jpeg_ok) return status;
    if (marker == 0 || marker == 0xd9) return jpeg_ok;
    if (isFrame(marker)) {
      if (stream->frame.components) return jpeg_corrupt;
      status = readFrameHeader(&stream->frame, stream->quantisationOf, marker, body, size);
      if (stream->frame.components > 4) status = jpeg_unsupported;
    } else if (marker == 0xc4) {
      status = readHuffmanTables(stream, body, size);
    } else if (marker == 0xdb) {
      status = readQuantisation(stream, body, size);
    } else if (marker == 0xdd) {
      if (size < 2) return jpeg_corrupt;
      stream->restartInterval = word(body);
    } else if (marker == 0xda) {
      *found = true;
      return readScanHeader(stream, body, size);
    } else if (marker == 0xdc || marker == 0xcc) {
      return jpeg_unsupported;
    }
    if (status != jpeg_ok) return status;
  }
}

void jpeg_next_segment(JPEGStream *stream) {
  const uint8_t *at = stream->at;
  uint8_t *to = stream->segment;
  stream->marker = 0;
  while (at < stream->end) {
    const uint8_t *stop = memchr(at, 0xff, (size_t)(stream->end - at));
    if (!stop) stop = stream->end;
    memcpy(to, at, (size_t)(stop - at));
    to += stop - at;
    at = stop;
    if (at == stream->end) break;
    const uint8_t *next = at + 1;
    while (next < stream->end && *next == 0xff) ++next;
    if (next == stream->end) {
      at = next;
    } else if (*next == 0) {
      *to++ = 0xff;
      at = next + 1;
    } else {
      stream->marker = *next;
      break;
    }
  }
  stream->at = at;
  stream->segmentLength = (size_t)(to - stream->segment);
  memset(to, 0, 16);
}

bool jpeg_skip_restart(JPEGStream *stream, uint32_t index) {
  if (stream->marker != 0xd0 + (index & 7)) return false;
  while (*stream->at == 0xff) ++stream->at;
  ++stream->at;
  return true;
}
