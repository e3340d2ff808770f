#include "run_length.h"

#include <string.h>

size_t run_length_unpack(const uint8_t *source, size_t length, uint8_t *target, size_t count) {
  size_t at = 0, made = 0;
  while (at < length && made < count) {
    const uint8_t code = source[at++];
    if (code == 128) continue;
    const size_t space = count - made;
    if (code < 128) {
      size_t run = (size_t)code + 1;
      // Short runs are the most: copied whole where there is room for what is too much.
      if (run <= 16 && length - at >= 16 && space >= 16) {
        memcpy(target + made, source + at, 16);
      } else {
        if (run > length - at) run = length - at;
        if (run > space) run = space;
        memcpy(target + made, source + at, run);
      }
      at += run;
      made += run;
    } else {
      if (at == length) break;
      size_t run = 257 - (size_t)code;
      const uint8_t value = source[at++];
      if (run <= 16 && space >= 16) {
        memset(target + made, value, 16);
      } else {
        if (run > space) run = space;
        memset(target + made, value, run);
      }
      made += run;
    }
  }
  return made;
}

void run_length_join(const uint8_t *planes, size_t count, size_t width, uint8_t *target, size_t stride) {
  if (width == 1 && stride == 1) {
    memcpy(target, planes, count);
  } else if (width == 2 && stride == 1) {
    const uint8_t *restrict high = planes, *restrict low = planes + count;
    uint8_t *restrict to = target;
    for (size_t i = 0; i < count; ++i) {
      to[2 * i] = low[i];
      to[2 * i + 1] = high[i];
    }
  } else {
    for (size_t k = 0; k < width; ++k) {
      const uint8_t *restrict plane = planes + (width - 1 - k) * count;
      uint8_t *restrict to = target + k;
      for (size_t i = 0; i < count; ++i) to[i * stride * width] = plane[i];
    }
  }
}
