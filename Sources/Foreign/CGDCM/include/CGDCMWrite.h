// Writing DICOM through GDCM: every element as given, nothing made up (no clock, no random identifiers). No function throws.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The version of the library that is loaded.
const char *cgdcm_version(void);

// One element of the data set. `representation` is its VR ("DS", "UI", "US", …). `value` is text, padded here to even
// length; of VR "US" it is a decimal number.
typedef struct {
  uint16_t group, element;
  const char *representation;
  const char *value;
} CGDCMElement;

enum { CGDCM_EXPLICIT_LITTLE_ENDIAN = 0, CGDCM_RUN_LENGTH = 1, CGDCM_LOSSLESS_JPEG = 2 };

enum {
  CGDCM_WRITTEN = 0,
  CGDCM_NOT_ENCODED = 1,  // the codec refused the pixels
  CGDCM_NOT_WRITTEN = 2,  // the file could not be written
  CGDCM_NOT_BUILT = 3,    // an element or the memory for it was refused
};

// Grey pixels of 16 allocated bits, row by row; `inverted` is MONOCHROME1. A NULL `pixels` writes a file without an image.
typedef struct {
  const uint16_t *pixels;
  uint32_t columns, rows, bits_stored;
  int32_t inverted;
} CGDCMGreyImage;

// Writes a Part 10 file of `elements`, which must hold SOP class and instance. Returns one of the codes above.
int32_t cgdcm_write(
  const char *path, const CGDCMGreyImage *image, const CGDCMElement *elements, uint64_t count, int32_t encoding);

#ifdef __cplusplus
}
#endif
