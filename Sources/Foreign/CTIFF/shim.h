// libtiff. Its tags are read through variable arguments, which Swift cannot call: here is what a page says, as a plain struct.
#pragma once
#include <stdlib.h>
#include <tiffio.h>

typedef struct {
  uint32_t width, height, tileWidth, tileHeight, rowsPerStrip, subfileType, pieces;
  uint16_t bits, samples, format, photometric, planar, compression, orientation, extraSamples, firstExtra;
  int isTiled, hasColourProfile;
} ctiff_page;

// Opens for reading, without memory mapping (a mapped file that shrinks kills its reader), without text on stderr, and with no
// more than `memory` bytes for any one purpose. NULL if refused.
static inline int ctiff_silence(TIFF *file, void *data, const char *module, const char *format, va_list arguments) {
  (void)file, (void)data, (void)module, (void)format, (void)arguments;
  return 1;
}
static inline TIFF *ctiff_open(const char *path, tmsize_t memory) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (options == NULL) return NULL;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, memory);
  TIFFOpenOptionsSetErrorHandlerExtR(options, ctiff_silence, NULL);
  TIFFOpenOptionsSetWarningHandlerExtR(options, ctiff_silence, NULL);
  TIFF *file = TIFFOpenExt(path, "rm", options);
  TIFFOpenOptionsFree(options);
  return file;
}

// The page that is open.
static inline ctiff_page ctiff_read_page(TIFF *file) {
  ctiff_page page = {0};
  uint16_t *extra = NULL;
  uint32_t length = 0;
  void *profile = NULL;
  TIFFGetField(file, TIFFTAG_IMAGEWIDTH, &page.width);
  TIFFGetField(file, TIFFTAG_IMAGELENGTH, &page.height);
  TIFFGetFieldDefaulted(file, TIFFTAG_SUBFILETYPE, &page.subfileType);
  TIFFGetFieldDefaulted(file, TIFFTAG_BITSPERSAMPLE, &page.bits);
  TIFFGetFieldDefaulted(file, TIFFTAG_SAMPLESPERPIXEL, &page.samples);
  TIFFGetFieldDefaulted(file, TIFFTAG_SAMPLEFORMAT, &page.format);
  TIFFGetFieldDefaulted(file, TIFFTAG_PLANARCONFIG, &page.planar);
  TIFFGetFieldDefaulted(file, TIFFTAG_COMPRESSION, &page.compression);
  TIFFGetFieldDefaulted(file, TIFFTAG_ORIENTATION, &page.orientation);
  TIFFGetFieldDefaulted(file, TIFFTAG_ROWSPERSTRIP, &page.rowsPerStrip);
  // Where the file does not say, grey begins with black and three samples are colours.
  if (!TIFFGetField(file, TIFFTAG_PHOTOMETRIC, &page.photometric))
    page.photometric = page.samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
  if (TIFFGetField(file, TIFFTAG_EXTRASAMPLES, &page.extraSamples, &extra) && page.extraSamples > 0 && extra)
    page.firstExtra = extra[0];
  page.isTiled = TIFFIsTiled(file);
  if (page.isTiled) {
    TIFFGetField(file, TIFFTAG_TILEWIDTH, &page.tileWidth);
    TIFFGetField(file, TIFFTAG_TILELENGTH, &page.tileHeight);
  }
  page.pieces = page.isTiled ? TIFFNumberOfTiles(file) : TIFFNumberOfStrips(file);
  page.hasColourProfile = TIFFGetField(file, TIFFTAG_ICCPROFILE, &length, &profile);
  return page;
}

// The 16-bit colours of a palette of 1 << bits entries, or 0.
static inline int ctiff_palette(TIFF *file, uint16_t **red, uint16_t **green, uint16_t **blue) {
  return TIFFGetField(file, TIFFTAG_COLORMAP, red, green, blue);
}

// JPEG inside TIFF: YCbCr comes out as RGB.
static inline void ctiff_ask_for_rgb(TIFF *file) { TIFFSetField(file, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB); }
