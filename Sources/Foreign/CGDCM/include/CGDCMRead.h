// Reading DICOM through GDCM: header elements as they stand in the file, and decoded pixels. No function throws.
// GDCM asserts on some malformed files, which ends the process: call these in a process that may die.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct CGDCMFile CGDCMFile;

/// The version of the library that is loaded.
const char *cgdcm_version(void);

enum {
  CGDCM_OK = 0,
  CGDCM_NOT_PARSED = 1,   // no data set could be read
  CGDCM_NO_PIXELS = 2,    // a data set without (7FE0,0010)
  CGDCM_BAD_IMAGE = 3,    // a pixel element whose description makes no image
  CGDCM_TRUNCATED = 4,    // fewer bytes than the description asks for
  CGDCM_UNDECODABLE = 5,  // the codec gave up
  CGDCM_NO_MEMORY = 6,
};

// How GDCM hands out the pixels of one file: after decoding, so it may differ from the header.
typedef struct {
  uint32_t columns, rows, frames, samples;
  uint32_t bits_allocated, bits_stored, high_bit;
  int32_t is_signed, is_planar;
  uint64_t bytes;
  char photometric[20];
} CGDCMPixelFormat;

// Reads the whole file. NULL only without memory; `status` says whether an image was found.
CGDCMFile *cgdcm_open(const char *path, int32_t *status);
void cgdcm_close(CGDCMFile *file);

// The value bytes of element (group, element), in this machine's byte order; borrowed until close. `sequence` is 0, or
// group << 16 | element of a sequence whose first item is searched. Returns the length, or -1 if absent.
int64_t cgdcm_value(
  const CGDCMFile *file, uint32_t sequence, uint16_t group, uint16_t element, const uint8_t **bytes);

// The first fragment of encapsulated pixel data (a whole JPEG stream, or the beginning of one); -1 where there is none.
int64_t cgdcm_first_fragment(const CGDCMFile *file, const uint8_t **bytes);

// After CGDCM_OK from open: the format, then the pixels into `buffer` of `format.bytes`.
void cgdcm_format(const CGDCMFile *file, CGDCMPixelFormat *format);
int32_t cgdcm_decode(CGDCMFile *file, uint8_t *buffer, uint64_t capacity);

#ifdef __cplusplus
}
#endif
