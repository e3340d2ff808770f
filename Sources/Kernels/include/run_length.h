// Run-length coded byte segments (DICOM PS3.5 annex G) and the samples they make.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Unpacks one segment into at most `count` bytes and returns how many there were. What follows the last is left alone.
/// Reads nothing beyond `length` and writes nothing beyond `count`, whatever the bytes say.
size_t run_length_unpack(const uint8_t *source, size_t length, uint8_t *target, size_t count);

/// Little-endian samples of `width` bytes from planes of one byte of each sample, the most significant plane first and `count`
/// apart; sample i goes to target[i * stride]. `stride` is counted in samples.
void run_length_join(const uint8_t *planes, size_t count, size_t width, uint8_t *target, size_t stride);
