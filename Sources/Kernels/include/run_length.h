// Run-length coded byte segments (DICOM PS3.5 annex G) and the samples they make.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Where a segment is being read.
typedef struct {
  const uint8_t *at, *end;
} run_length_segment;

/// Unpacks whole runs until `count` bytes or more are made, or the segment ends; returns how many there are, at most `count` + 127.
/// `target` has room for `count` + 160 bytes. Reads nothing beyond the segment's end, whatever the bytes say.
size_t run_length_unpack(run_length_segment *segment, uint8_t *target, size_t count);

/// Decodes one sample of every pixel: `width` (1, 2, 4 or 8) segments, the most significant byte first, to little-endian samples at
/// target[i * stride * width]; `stride` is counted in samples. False if a segment ends before its `count` bytes.
int32_t run_length_decode(const run_length_segment *segments, size_t width, size_t count, uint8_t *target, size_t stride);
