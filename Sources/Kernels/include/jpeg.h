// Processes of the JPEG family that the usual libraries lack or are slow at: lossless JPEG (ISO/IEC 10918-1 annex H, Huffman coded,
// 2 to 16 bits), sequential JPEG with more than 8 bits (annex F, Huffman coded, 12 bits), and JPEG-LS (ISO/IEC 14495-1).
//
// Safe on any bytes: nothing is read beyond `length`, nothing written beyond the target, and what ends early is said to. The decoders
// ask the system for working memory of about the coded length (and, of sequential frames, of the decoded one).
#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
  jpeg_ok = 0,
  /// The data end before the picture does.
  jpeg_truncated = 1,
  /// The data break the standard's rules.
  jpeg_corrupt = 2,
  /// Arithmetic coding, hierarchy, lossless subsampling, a number of lines that comes after them.
  jpeg_unsupported = 3,
  jpeg_no_memory = 4,
};

/// What the segments before the first scan say.
typedef struct {
  uint32_t width, height, components, precision;
  /// The low half of the frame's marker: 0 baseline, 1 extended, 2 progressive, 3 lossless, …; 16 for JPEG-LS.
  uint32_t process;
  /// Of the first four components.
  uint8_t identifiers[4], horizontal[4], vertical[4];
  /// Adobe's colour transform, or -1 without its segment.
  int32_t adobe;
  int32_t is_jfif;
} jpeg_frame;

/// Reads up to the frame header.
int32_t jpeg_read_frame(const uint8_t *bytes, size_t length, jpeg_frame *frame);

/// Decodes a frame of process 3 into `width * height * components` samples, those of a pixel together: bytes for a precision up to 8,
/// else 16 bits. `frame` is what `jpeg_read_frame` gave.
int32_t jpeg_decode_lossless(const uint8_t *bytes, size_t length, const jpeg_frame *frame, void *target);

/// Decodes a frame of process 0 or 1 into `width * height * components` samples of 16 bits, those of a pixel together; components of
/// less resolution are repeated.
int32_t jpeg_decode_sequential(const uint8_t *bytes, size_t length, const jpeg_frame *frame, uint16_t *target);

/// Decodes a JPEG-LS frame (process 16), lossless or near lossless, into `width * height * components` samples, those of a pixel
/// together: bytes for a precision up to 8, else 16 bits. Restart markers, mapping tables, colour transforms and subsampling are
/// `jpeg_unsupported`.
int32_t jpeg_decode_ls(const uint8_t *bytes, size_t length, const jpeg_frame *frame, void *target);
