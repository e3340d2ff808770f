// libvips. Its functions take variable arguments, which Swift cannot call: each call used has a plain twin here.
#pragma once
#include <vips/vips.h>
#include <string.h>
#include "save.h"

static inline void cvips_silence(const char *domain, GLogLevelFlags level, const char *message, void *data) {
  (void)domain, (void)level, (void)message, (void)data;
}

// One thread an image (a core owns its image), no cache of operations, no chatter on stderr.
static inline int cvips_start(const char *name) {
  g_setenv("VIPS_WARNING", "0", TRUE);
  if (VIPS_INIT(name) != 0) return -1;
  g_log_set_handler("VIPS", G_LOG_LEVEL_MASK, cvips_silence, NULL);
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  vips_cache_set_max_mem(0);
  vips_cache_set_max_files(0);
  return 0;
}

// Opens `path` by the loader named ("webpload", "gifload", …). `strict` fails on a truncated file instead of filling it up.
static inline VipsImage *cvips_open(const char *loader, const char *path, int strict) {
  VipsImage *image = NULL;
  int failed = vips_call(
    loader, path, &image, "fail_on", strict ? VIPS_FAIL_ON_TRUNCATED : VIPS_FAIL_ON_NONE, NULL);
  return failed ? NULL : image;
}

// Opens all pages one above the other, to be read from the top without going back.
static inline VipsImage *cvips_open_pages(const char *loader, const char *path, int strict) {
  VipsImage *image = NULL;
  int failed = vips_call(
    loader, path, &image, "n", -1, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
    strict ? VIPS_FAIL_ON_TRUNCATED : VIPS_FAIL_ON_NONE, NULL);
  return failed ? NULL : image;
}

// Decodes `rows` rows from `top`, packed, to `target`, in steps of a few rows. Returns 0, or -1 with the reason in the error buffer.
static inline int cvips_read_rows(VipsImage *image, int top, int rows, void *target) {
  VipsRegion *region = vips_region_new(image);
  size_t line = VIPS_IMAGE_SIZEOF_LINE(image);
  int failed = region == NULL;
  for (int y = 0; y < rows && !failed; y += 64) {
    VipsRect area = {0, top + y, image->Xsize, rows - y < 64 ? rows - y : 64};
    failed = vips_region_prepare(region, &area);
    for (int k = 0; k < area.height && !failed; k++)
      memcpy((char *)target + (size_t)(y + k) * line, VIPS_REGION_ADDR(region, 0, top + y + k), line);
  }
  if (region != NULL) g_object_unref(region);
  return failed ? -1 : 0;
}

// The milliseconds that each page is shown, `count` of them; NULL where the file does not say.
static inline const int *cvips_delays(VipsImage *image, int *count) {
  int *delays = NULL;
  if (!vips_image_get_typeof(image, "delay")) return NULL;
  return vips_image_get_array_int(image, "delay", &delays, count) ? NULL : delays;
}

// A whole number among the image's fields, or `otherwise`.
static inline int cvips_field(VipsImage *image, const char *name, int otherwise) {
  int value = 0;
  if (!vips_image_get_typeof(image, name)) return otherwise;
  return vips_image_get_int(image, name, &value) ? otherwise : value;
}

static inline int cvips_has_profile(VipsImage *image) { return vips_image_get_typeof(image, VIPS_META_ICC_NAME) != 0; }

// All below return a new image, or NULL with the reason in the error buffer.
static inline VipsImage *cvips_to_srgb(VipsImage *image) {
  VipsImage *out = NULL;
  return vips_colourspace(image, &out, VIPS_INTERPRETATION_sRGB, NULL) ? NULL : out;
}

// The macro VIPS_OBJECT casts through GLib's type system, which Swift cannot import.
static inline void cvips_release(VipsImage *image) { g_object_unref(image); }
