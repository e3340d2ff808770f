// libjpeg-turbo and OpenJPEG behind functions that return a code: what they do with longjmp, callbacks and streams stays inside.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  CCODECS_OK = 0,
  CCODECS_TRUNCATED = 1,    // the data end before the picture does
  CCODECS_CORRUPT = 2,      // the data break the format's rules
  CCODECS_UNSUPPORTED = 3,  // a part of the format that the library lacks
  CCODECS_MISMATCH = 4,     // not the size or number of components that was asked for
  CCODECS_NO_MEMORY = 5,
};

// A JPEG of 8 bits, decoded at 1 / 2^reduction of its size into interleaved bytes.
typedef struct {
  uint32_t width, height;  // expected at full size
  uint32_t components;     // 1 or 3
  int32_t is_ybr;          // three components are luma and colour differences, to be made RGB; else they are kept
  uint32_t reduction;      // 0 to 3
} CCodecsJPEG;

// `target` has room for ⌈width / 2^reduction⌉ × ⌈height / 2^reduction⌉ × components bytes.
int32_t ccodecs_jpeg_decode(const uint8_t *bytes, size_t length, const CCodecsJPEG *expected, uint8_t *target);

// Whether every sample of a JPEG of 8 bits is there and undamaged: padding, odd versions and a missing end marker are harmless.
int32_t ccodecs_jpeg_judge(const uint8_t *bytes, size_t length);

// A decoded JPEG 2000 picture.
typedef struct CCodecsJPEG2000 CCodecsJPEG2000;

// What the first components are: as far as the file says, else by their number and sizes.
enum { CCODECS_GREY = 0, CCODECS_RGB = 1, CCODECS_YCC = 2, CCODECS_OTHER_COLOURS = 3 };

typedef struct {
  uint32_t width, height, components;
  uint32_t precision;   // of the first component, 1 to 32
  int32_t is_signed;    // of the first component
  int32_t is_uniform;   // whether all components have its precision and sign
  int32_t colours;      // CCODECS_GREY, …
  int32_t has_alpha;    // the last component is transparency
  int32_t has_profile;  // an ICC profile goes with it
} CCodecsJPEG2000Format;

// The size at full resolution, the components and their kinds that a code stream, bare or in a JP2 file, begins with.
int32_t ccodecs_jpeg_2000_header(const uint8_t *bytes, size_t length, CCodecsJPEG2000Format *format);

// A code stream, bare or in a JP2 file, of `width` × `height` at full size and `components`; at most `reduction` resolutions are left out.
// *picture is NULL unless CCODECS_OK is returned.
int32_t ccodecs_jpeg_2000_decode(
  const uint8_t *bytes, size_t length, uint32_t width, uint32_t height, uint32_t components, uint32_t reduction,
  CCodecsJPEG2000 **picture);
void ccodecs_jpeg_2000_format(const CCodecsJPEG2000 *picture, CCodecsJPEG2000Format *format);
// All samples, those of a pixel together, as little-endian two's complement of `width` bytes (1, 2 or 4).
void ccodecs_jpeg_2000_copy(const CCodecsJPEG2000 *picture, uint32_t width, void *target);
void ccodecs_jpeg_2000_free(CCodecsJPEG2000 *picture);

#ifdef __cplusplus
}
#endif
