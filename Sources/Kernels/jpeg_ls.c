// JPEG-LS (ISO/IEC 14495-1; clause and table numbers are its). Every sample is predicted from its neighbours, by a predictor that learns
// its bias in 365 contexts, and the error is Golomb coded; flat stretches are coded as runs.
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "jpeg.h"

#define always_inline static inline __attribute__((always_inline))

enum { contexts = 365, mostComponents = 4, golombLimit = 12 };

/// What a context has learnt (A.6): sums of errors, their number, the bias, and the code that suits them.
typedef struct {
  int32_t magnitude, sum;
  int16_t correction;
  uint8_t count, k;
} Context;

/// The same for the sample that ends a run (A.7.2).
typedef struct {
  int32_t magnitude;
  int32_t count, negative;
} RunContext;

typedef struct {
  const uint8_t *at, *end;
  uint64_t bits;
  int32_t count;
  /// Bits that were made up behind the end, or behind the marker there.
  int64_t beyond;
  bool followsFF;
} Reader;

typedef struct {
  int32_t maximum, near, range, reset;
  int32_t limit, rangeBits;
  int32_t thresholds[3];
  /// Region of a gradient (A.3.3), from -maximum to maximum.
  int8_t *regions;
  Context learnt[contexts];
  RunContext ends[2];
  Reader reader;
  bool isBad;
} Coder;

static const uint8_t runOrders[32] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3,
                                      4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// MARK: Bits

/// Byte by byte: after a byte of ones comes one of seven bits, or a marker.
static __attribute__((noinline)) void refillSlowly(Reader *reader) {
  while (reader->count <= 55) {
    int32_t size = 8;
    uint64_t byte = 0;
    const bool isMarker = reader->at < reader->end && *reader->at == 0xff
                          && (reader->end - reader->at < 2 || reader->at[1] >= 0x80);
    if (reader->at == reader->end || isMarker) {
      reader->beyond += 8;
    } else {
      byte = *reader->at++;
      if (reader->followsFF) size = 7;
      reader->followsFF = byte == 0xff;
    }
    reader->bits |= byte << (64 - size) >> reader->count;
    reader->count += size;
  }
}

/// At least 48 bits are there afterwards.
always_inline void refill(Reader *reader) {
  if (__builtin_expect(reader->end - reader->at >= 8 && !reader->followsFF, 1)) {
    uint64_t next;
    memcpy(&next, reader->at, 8);
    const uint64_t inverted = ~next;
    const bool hasFF = (inverted - 0x0101010101010101u) & ~inverted & 0x8080808080808080u;
    if (__builtin_expect(!hasFF, 1)) {
      const int32_t size = (63 - reader->count) & ~7;
      reader->bits |= (__builtin_bswap64(next) & ~(UINT64_MAX >> size)) >> reader->count;
      reader->at += size >> 3;
      reader->count += size;
      return;
    }
  }
  refillSlowly(reader);
}

always_inline void drop(Reader *reader, int32_t count) {
  reader->bits <<= count;
  reader->count -= count;
}

static inline uint32_t take(Reader *reader, int32_t count) {
  if (count == 0) return 0;
  if (reader->count < count) refill(reader);
  const uint32_t value = (uint32_t)(reader->bits >> (64 - count));
  drop(reader, count);
  return value;
}

/// A number by the Golomb code of order k whose unary part is at most `limit` zeros (A.5.3), where that part is long.
static __attribute__((noinline)) int32_t longNumber(Reader *reader, int32_t k, int32_t limit, int32_t rangeBits) {
  int32_t zeros = 0;
  for (;;) {
    if (reader->count < 48) refill(reader);
    const int32_t here = reader->bits >> 16 ? __builtin_clzll(reader->bits) : 48;
    if (here < 48) {
      zeros += here;
      drop(reader, here + 1);
      break;
    }
    zeros += 48;
    drop(reader, 48);
    if (zeros > 96) return -1;
  }
  if (zeros < limit - rangeBits - 1) return (int32_t)((uint32_t)zeros << k | take(reader, k));
  return (int32_t)take(reader, rangeBits) + 1;
}

/// For k up to 16.
always_inline int32_t number(Reader *reader, int32_t k, int32_t limit, int32_t rangeBits) {
  if (reader->count < golombLimit + 17) refill(reader);
  const int32_t zeros = __builtin_clzll(reader->bits | 1);
  if (__builtin_expect(zeros < golombLimit && zeros < limit - rangeBits - 1, 1)) {
    // Shifted twice, for k may be 0.
    const uint32_t rest = (uint32_t)((reader->bits << zeros << 1) >> 1 >> (63 - k));
    drop(reader, zeros + 1 + k);
    return (int32_t)((uint32_t)zeros << k | rest);
  }
  return longNumber(reader, k, limit, rangeBits);
}

// MARK: Arithmetic

/// The least k for which count << k is not below `magnitude`, at most 16.
always_inline int32_t order(int32_t magnitude, int32_t count) {
  int32_t k = __builtin_clz((uint32_t)count) - __builtin_clz((uint32_t)magnitude | 1);
  k = k < 0 ? 0 : k;
  k += count << k < magnitude;
  return k > 16 ? 16 : k;
}

always_inline int32_t clamped(int32_t value, int32_t low, int32_t high) {
  return value < low ? low : value > high ? high : value;
}

/// A.4.5 and A.8.
always_inline int32_t reconstructed(const Coder *coder, int32_t prediction, int32_t error, bool isPlain) {
  // Of a lossless range that is a power of two, the remainder is its low bits.
  if (isPlain) return (prediction + error) & coder->maximum;
  const int32_t step = 2 * coder->near + 1;
  int32_t value = prediction + error * step;
  if (value < -coder->near) value += coder->range * step;
  else if (value > coder->maximum + coder->near) value -= coder->range * step;
  return clamped(value, 0, coder->maximum);
}

/// A.4.1: the median of left, above, and the plane through all three.
always_inline int32_t median(int32_t left, int32_t above, int32_t corner) {
  const int32_t low = left < above ? left : above, high = left < above ? above : left;
  return clamped(left + above - corner, low, high);
}

/// One sample in its context (A.4 to A.6).
always_inline int32_t regularSample(Coder *coder, Reader *reader, int32_t context, int32_t prediction, bool isPlain) {
  const int32_t sign = context >> 31;
  Context *learnt = &coder->learnt[(context ^ sign) - sign];
  int32_t sum = learnt->sum, count = learnt->count, magnitude = learnt->magnitude, correction = learnt->correction;
  const int32_t k = learnt->k;
  const int32_t guess = clamped(prediction + ((correction ^ sign) - sign), 0, coder->maximum);
  const int32_t mapped = number(reader, k, coder->limit, coder->rangeBits);
  int32_t error = (mapped >> 1) ^ -(mapped & 1);
  if (isPlain || coder->near == 0) error ^= (2 * sum + count - 1) >> 31 & -(k == 0);
  if (__builtin_expect((uint32_t)(error + 65536) > 131072, 0)) {
    coder->isBad = true;
    error = 0;
  }
  magnitude += error < 0 ? -error : error;
  sum += isPlain ? error : error * (2 * coder->near + 1);
  const int32_t halve = count == coder->reset;
  magnitude >>= halve;
  sum >>= halve;
  count = (count >> halve) + 1;
  const int32_t isLow = -(sum <= -count), isHigh = -(sum > 0);
  sum += (count & isLow) - (count & isHigh);
  sum = clamped(sum, 1 - count, 0);
  correction = clamped(correction + isLow - isHigh, -128, 127);
  learnt->magnitude = magnitude;
  learnt->sum = sum;
  learnt->correction = (int16_t)correction;
  learnt->count = (uint8_t)count;
  learnt->k = (uint8_t)order(magnitude, count);
  return reconstructed(coder, guess, (error ^ sign) - sign, isPlain);
}

/// The error of the sample that ends a run (A.7.2).
static int32_t endError(Coder *coder, Reader *reader, int32_t kind, int32_t runIndex) {
  RunContext *context = &coder->ends[kind];
  const int32_t k = order(context->magnitude + (kind ? context->count >> 1 : 0), context->count);
  const int32_t mapped = number(reader, k, coder->limit - runOrders[runIndex] - 1, coder->rangeBits);
  if (mapped < 0 || mapped > 131072) {
    coder->isBad = true;
    return 0;
  }
  const int32_t folded = mapped + kind, isOdd = folded & 1, size = (folded + isOdd) / 2;
  const bool isNegative = (k != 0 || 2 * context->negative >= context->count) == isOdd;
  const int32_t error = isNegative ? -size : size;
  context->negative += error < 0;
  context->magnitude += (mapped + 1 - kind) >> 1;
  if (context->count == coder->reset) {
    context->magnitude >>= 1;
    context->count >>= 1;
    context->negative >>= 1;
  }
  ++context->count;
  return error;
}

/// How many pixels a run has, of `left` to the end of the line (A.7.1).
static uint32_t runLength(Coder *coder, Reader *reader, uint32_t left, int32_t *runIndex) {
  uint32_t length = 0;
  while (take(reader, 1)) {
    const uint32_t size = 1u << runOrders[*runIndex];
    if (size > left - length) return left;
    length += size;
    if (*runIndex < 31) ++*runIndex;
    if (length == left) return left;
  }
  length += take(reader, runOrders[*runIndex]);
  if (length >= left) {
    coder->isBad = true;
    return left;
  }
  return length;
}

static int32_t signOf(int32_t value) { return value < 0 ? -1 : 1; }

// MARK: Lines

/// One line of one component; both lines have a sample before and one behind.
always_inline void line(Coder *coder, const uint16_t *above, uint16_t *to, uint32_t width, int32_t *runIndex, bool isPlain) {
  Reader reader = coder->reader;
  const int8_t *regions = coder->regions + coder->maximum;
  int32_t left = to[-1], corner = above[-1], up = above[0];
  int32_t second = regions[up - corner];
  for (uint32_t x = 0; x < width;) {
    const int32_t next = above[x + 1];
    const int32_t first = regions[next - up];
    const int32_t context = 81 * first + 9 * second + regions[corner - left];
    if (__builtin_expect(context != 0, 1)) {
      left = regularSample(coder, &reader, context, median(left, up, corner), isPlain);
      to[x++] = (uint16_t)left;
      second = first;
      corner = up;
      up = next;
      continue;
    }
    const uint32_t length = runLength(coder, &reader, width - x, runIndex);
    for (uint32_t i = 0; i < length; ++i) to[x + i] = (uint16_t)left;
    x += length;
    if (x == width) break;
    up = above[x];
    const int32_t kind = abs(left - up) <= coder->near;
    const int32_t error = endError(coder, &reader, kind, *runIndex);
    left = kind ? reconstructed(coder, left, error, isPlain)
                : reconstructed(coder, up, error * signOf(up - left), isPlain);
    to[x++] = (uint16_t)left;
    if (*runIndex > 0) --*runIndex;
    corner = up;
    up = above[x];
    second = regions[up - corner];
    if (coder->isBad) break;
  }
  coder->reader = reader;
}

static void plainLine(Coder *coder, const uint16_t *above, uint16_t *to, uint32_t width, int32_t *runIndex) {
  line(coder, above, to, width, runIndex, true);
}

static void anyLine(Coder *coder, const uint16_t *above, uint16_t *to, uint32_t width, int32_t *runIndex) {
  line(coder, above, to, width, runIndex, false);
}

/// One line of pixels whose samples come together: a run is one of all components.
static void pixelLine(Coder *coder, uint16_t *const *above, uint16_t *const *to, uint32_t width, uint32_t components,
                      int32_t *runIndex) {
  Reader *reader = &coder->reader;
  const int8_t *regions = coder->regions + coder->maximum;
  for (uint32_t x = 0; x < width && !coder->isBad;) {
    int32_t context[mostComponents];
    int32_t any = 0;
    for (uint32_t c = 0; c < components; ++c) {
      const uint16_t *up = above[c] + x;
      context[c] = 81 * regions[up[1] - up[0]] + 9 * regions[up[0] - up[-1]] + regions[up[-1] - to[c][(int64_t)x - 1]];
      any |= context[c];
    }
    if (any) {
      for (uint32_t c = 0; c < components; ++c) {
        const uint16_t *up = above[c] + x;
        to[c][x] = (uint16_t)regularSample(coder, reader, context[c], median(to[c][(int64_t)x - 1], up[0], up[-1]), false);
      }
      ++x;
      continue;
    }
    const uint32_t length = runLength(coder, reader, width - x, runIndex);
    for (uint32_t c = 0; c < components; ++c)
      for (uint32_t i = 0; i < length; ++i) to[c][x + i] = to[c][(int64_t)x - 1];
    x += length;
    if (x == width) break;
    for (uint32_t c = 0; c < components; ++c) {
      const int32_t up = above[c][x], left = to[c][(int64_t)x - 1];
      const int32_t error = endError(coder, reader, 0, *runIndex);
      to[c][x] = (uint16_t)reconstructed(coder, up, error * signOf(up - left), false);
    }
    ++x;
    if (*runIndex > 0) --*runIndex;
  }
}

// MARK: Scans

/// C.2.4.1.1.1: thresholds where the stream has none.
static void setThresholds(int32_t maximum, int32_t near, int32_t *thresholds) {
  static const int32_t base[3] = {3, 7, 21}, least[3] = {2, 3, 4}, slope[3] = {3, 5, 7};
  int32_t low = near + 1;
  for (int i = 0; i < 3; ++i) {
    int32_t value;
    if (maximum >= 128) {
      const int32_t factor = ((maximum < 4095 ? maximum : 4095) + 128) / 256;
      value = factor * (base[i] - least[i]) + least[i] + slope[i] * near;
    } else {
      const int32_t factor = 256 / (maximum + 1);
      value = base[i] / factor + slope[i] * near;
      if (value < least[i]) value = least[i];
    }
    thresholds[i] = value > maximum || value < low ? low : value;
    low = thresholds[i];
  }
}

/// `preset` is maximum, three thresholds and reset, 0 where the default holds (C.2.4.1.1).
static int32_t begin(Coder *coder, uint32_t precision, uint32_t near, const uint32_t *preset) {
  const int32_t top = (1 << precision) - 1;
  coder->maximum = preset[0] ? (int32_t)preset[0] : top;
  coder->near = (int32_t)near;
  if (coder->maximum > top || coder->near > (coder->maximum / 2 < 255 ? coder->maximum / 2 : 255)) return jpeg_corrupt;
  setThresholds(coder->maximum, coder->near, coder->thresholds);
  for (int i = 0; i < 3; ++i)
    if (preset[1 + i]) coder->thresholds[i] = (int32_t)preset[1 + i];
  const int32_t *t = coder->thresholds;
  if (t[0] < coder->near + 1 || t[1] < t[0] || t[2] < t[1] || t[2] > (coder->maximum > 0 ? coder->maximum : 1)) return jpeg_corrupt;
  coder->reset = preset[4] ? (int32_t)preset[4] : 64;
  // Counts lie in a byte; the standard allows more, no writer asks for it.
  if (coder->reset < 3 || coder->reset > 254) return jpeg_unsupported;
  coder->range = (coder->maximum + 2 * coder->near) / (2 * coder->near + 1) + 1;
  int32_t bits = 2;
  while (1 << bits < coder->maximum + 1) ++bits;
  coder->rangeBits = 0;
  while (1 << coder->rangeBits < coder->range) ++coder->rangeBits;
  coder->limit = 2 * (bits + (bits > 8 ? bits : 8));
  free(coder->regions);
  coder->regions = malloc(2 * (size_t)coder->maximum + 1);
  if (!coder->regions) return jpeg_no_memory;
  for (int32_t d = -coder->maximum; d <= coder->maximum; ++d) {
    const int32_t size = abs(d);
    const int32_t region = size <= coder->near ? 0 : size < t[0] ? 1 : size < t[1] ? 2 : size < t[2] ? 3 : 4;
    coder->regions[d + coder->maximum] = (int8_t)(d < 0 ? -region : region);
  }
  const int32_t magnitude = (coder->range + 32) / 64 > 2 ? (coder->range + 32) / 64 : 2;
  for (int i = 0; i < contexts; ++i) coder->learnt[i] = (Context){magnitude, 0, 0, 1, (uint8_t)order(magnitude, 1)};
  for (int i = 0; i < 2; ++i) coder->ends[i] = (RunContext){magnitude, 1, 0};
  return jpeg_ok;
}

/// Lines of a scan, each with its predecessor, a sample before and one behind.
static int32_t decodeScan(Coder *coder, const jpeg_frame *frame, const uint32_t *parts, uint32_t count, uint32_t mode,
                          void *target) {
  const uint32_t width = frame->width;
  const size_t pitch = (size_t)width + 2;
  uint16_t *storage = calloc(2 * (size_t)count * pitch, sizeof *storage);
  if (!storage) return jpeg_no_memory;
  uint16_t *above[mostComponents], *to[mostComponents];
  int32_t runIndices[mostComponents] = {0};
  for (uint32_t i = 0; i < count; ++i) {
    above[i] = storage + 2 * i * pitch + 1;
    to[i] = above[i] + pitch;
  }
  const bool isPlain = coder->near == 0 && (coder->range & (coder->range - 1)) == 0;
  int32_t status = jpeg_ok;
  for (uint32_t y = 0; y < frame->height && status == jpeg_ok; ++y) {
    for (uint32_t i = 0; i < count; ++i) {
      above[i][width] = above[i][width - 1];
      to[i][-1] = above[i][0];
      if (mode != 2) (isPlain ? plainLine : anyLine)(coder, above[i], to[i], width, &runIndices[i]);
    }
    if (mode == 2) pixelLine(coder, above, to, width, count, &runIndices[0]);
    for (uint32_t i = 0; i < count; ++i) {
      const size_t first = (size_t)y * width * frame->components + parts[i];
      if (frame->precision <= 8) {
        uint8_t *out = (uint8_t *)target + first;
        for (uint32_t x = 0; x < width; ++x) out[(size_t)x * frame->components] = (uint8_t)to[i][x];
      } else {
        uint16_t *out = (uint16_t *)target + first;
        if (frame->components == 1) memcpy(out, to[i], width * sizeof *out);
        else
          for (uint32_t x = 0; x < width; ++x) out[(size_t)x * frame->components] = to[i][x];
      }
      uint16_t *swapped = above[i];
      above[i] = to[i];
      to[i] = swapped;
    }
    // All bits that were made up are taken last.
    if (coder->reader.beyond > coder->reader.count) status = jpeg_truncated;
    else if (coder->isBad) status = jpeg_corrupt;
  }
  free(storage);
  return status;
}

static uint32_t word(const uint8_t *at) { return (uint32_t)at[0] << 8 | at[1]; }

int32_t jpeg_decode_ls(const uint8_t *bytes, size_t length, const jpeg_frame *frame, void *target) {
  if (frame->process != 16 || frame->precision < 2 || frame->precision > 16 || frame->height == 0) return jpeg_corrupt;
  if (frame->components > mostComponents) return jpeg_unsupported;
  for (uint32_t c = 0; c < frame->components; ++c)
    if (frame->horizontal[c] != 1 || frame->vertical[c] != 1) return jpeg_unsupported;
  Coder *coder = calloc(1, sizeof *coder);
  if (!coder) return jpeg_no_memory;
  uint32_t preset[5] = {0}, decoded = 0;
  const uint8_t *at = bytes + 2, *end = bytes + length;
  int32_t status = jpeg_ok;
  while (status == jpeg_ok && decoded != (1u << frame->components) - 1) {
    while (at < end && *at == 0xff) ++at;
    if (end - at < 3) {
      status = jpeg_truncated;
      break;
    }
    const uint8_t marker = *at++;
    const size_t size = word(at);
    if (marker == 0xd9) status = jpeg_truncated;
    else if (size < 2) status = jpeg_corrupt;
    else if ((size_t)(end - at) < size) status = jpeg_truncated;
    if (status != jpeg_ok) break;
    const uint8_t *body = at + 2;
    at += size;
    if (marker == 0xf8) {
      // Preset parameters; the other kinds are mapping tables and larger sizes.
      if (size != 13 || body[0] != 1) status = jpeg_unsupported;
      else
        for (int i = 0; i < 5; ++i) preset[i] = word(body + 1 + 2 * i);
    } else if (marker == 0xdd || (marker == 0xe8 && size >= 6 && memcmp(body, "mrfx", 4) == 0)) {
      status = jpeg_unsupported;
    } else if (marker == 0xda) {
      const uint32_t count = body[0];
      uint32_t parts[mostComponents];
      if (size < 6 || count < 1 || count > mostComponents || size < 6 + 2 * count) {
        status = jpeg_corrupt;
        break;
      }
      for (uint32_t i = 0; i < count && status == jpeg_ok; ++i) {
        parts[i] = 0;
        while (parts[i] < frame->components && frame->identifiers[parts[i]] != body[1 + 2 * i]) ++parts[i];
        if (parts[i] == frame->components || (decoded >> parts[i] & 1)) status = jpeg_corrupt;
        else decoded |= 1u << parts[i];
        if (body[2 + 2 * i] != 0) status = jpeg_unsupported;
      }
      const uint32_t near = body[1 + 2 * count], mode = body[2 + 2 * count];
      if (mode > 2 || (mode == 0) != (count == 1)) status = count == 1 && mode <= 2 ? status : jpeg_corrupt;
      // A point transform; one of all bits and more is none.
      if (body[3 + 2 * count] != 0) status = body[3 + 2 * count] < frame->precision ? jpeg_unsupported : jpeg_corrupt;
      if (status == jpeg_ok) status = begin(coder, frame->precision, near, preset);
      if (status != jpeg_ok) break;
      coder->reader = (Reader){.at = at, .end = end};
      status = decodeScan(coder, frame, parts, count, mode, target);
      at = coder->reader.at;
      // To the marker behind the scan.
      while (end - at >= 2 && !(at[0] == 0xff && at[1] >= 0x80)) ++at;
    }
  }
  free(coder->regions);
  free(coder);
  return status;
}
