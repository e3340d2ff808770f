#include "run_length.h"

#include <stdbool.h>
#include <string.h>

/// Most runs are short: these are copied and filled as one block of fixed length, of which what is too much is written over.
enum { block = 32, chunk = 16384, slack = 160 };

size_t run_length_unpack(run_length_segment *segment, uint8_t *target, size_t count) {
  const uint8_t *at = segment->at, *const end = segment->end;
  size_t made = 0;
  while (made < count && at < end) {
    const uint32_t code = *at++;
    const bool isRun = code > 128;
    size_t length = isRun ? 257 - (size_t)code : (size_t)code + 1;
    if (__builtin_expect(length <= block && end - at >= block, 1)) {
      // Both ways at once, for which way it goes cannot be foretold.
      uint64_t bytes[block / 8];
      memcpy(bytes, at, block);
      const uint64_t fill = (bytes[0] & 255) * 0x0101010101010101u, choice = -(uint64_t)isRun;
      for (int k = 0; k < block / 8; ++k) bytes[k] = (fill & choice) | (bytes[k] & ~choice);
      memcpy(target + made, bytes, block);
      at += isRun ? 1 : length;
      made += length;
    } else if (code == 128) {
      continue;
    } else if (isRun) {
      if (at == end) break;
      memset(target + made, *at++, length);
      made += length;
    } else {
      if (length > (size_t)(end - at)) length = (size_t)(end - at);
      memcpy(target + made, at, length);
      at += length;
      made += length;
    }
  }
  segment->at = at;
  return made;
}

/// Joins `count` bytes of each plane; the planes are `chunk + slack` apart.
static void join(const uint8_t *planes, size_t count, size_t width, uint8_t *target, size_t stride) {
  if (width == 2 && stride == 1) {
    const uint8_t *restrict high = planes, *restrict low = planes + chunk + slack;
    uint8_t *restrict to = target;
    for (size_t i = 0; i < count; ++i) {
      to[2 * i] = low[i];
      to[2 * i + 1] = high[i];
    }
    return;
  }
  for (size_t k = 0; k < width; ++k) {
    const uint8_t *restrict plane = planes + (width - 1 - k) * (chunk + slack);
    uint8_t *restrict to = target + k;
    for (size_t i = 0; i < count; ++i) to[i * stride * width] = plane[i];
  }
}

int32_t run_length_decode(const run_length_segment *given, size_t width, size_t count, uint8_t *target, size_t stride) {
  uint8_t planes[8 * (chunk + slack)];
  run_length_segment segments[8];
  size_t left[8] = {0};
  if (width > 8) return false;
  memcpy(segments, given, width * sizeof *segments);
  for (size_t first = 0; first < count; first += chunk) {
    const size_t wanted = count - first < chunk ? count - first : chunk;
    for (size_t k = 0; k < width; ++k) {
      uint8_t *plane = planes + k * (chunk + slack);
      size_t made = left[k];
      if (made < wanted) made += run_length_unpack(&segments[k], plane + made, wanted - made);
      if (made < wanted) return false;
      left[k] = made - wanted;
    }
    join(planes, wanted, width, target + first * stride * width, stride);
    // What runs made beyond the chunk begins the next one.
    for (size_t k = 0; k < width; ++k) memmove(planes + k * (chunk + slack), planes + k * (chunk + slack) + wanted, left[k]);
  }
  return true;
}
