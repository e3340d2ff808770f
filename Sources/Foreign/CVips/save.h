// Saving through libvips: pixels in memory to a file, without time stamps, profiles or other metadata, so that equal
// pixels make equal bytes. All return 0, or -1 with the reason in the error buffer.
#pragma once
#include <vips/vips.h>

// An image over `pixels`, which must outlive it: `bands` interleaved samples of 8 bits, or of 16 if `wide`. NULL if refused.
static inline VipsImage *cvips_over(const void *pixels, int width, int height, int bands, int wide) {
  VipsImage *image = vips_image_new_from_memory(
    pixels, (size_t)width * height * bands * (wide ? 2 : 1), width, height, bands,
    wide ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR);
  if (image == NULL) return NULL;
  image->Type = bands == 1 ? (wide ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W)
                           : (wide ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB);
  return image;
}

static inline int cvips_save_png(VipsImage *image, const char *path, int compression) {
  return vips_pngsave(image, path, "compression", compression, "strip", TRUE, NULL);
}

// Strips of deflate with the horizontal predictor.
static inline int cvips_save_tiff(VipsImage *image, const char *path) {
  return vips_tiffsave(
    image, path, "compression", VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE, "predictor",
    VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL, "strip", TRUE, NULL);
}
