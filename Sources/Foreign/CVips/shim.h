// libvips. Its functions take variable arguments, which Swift cannot call: each call used has a plain twin here.
#pragma once
#include <vips/vips.h>
#include "save.h"

// One thread an image (a core owns its image), no cache of operations, no chatter on stderr.
static inline int cvips_start(const char *name) {
  if (VIPS_INIT(name) != 0) return -1;
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  vips_cache_set_max_mem(0);
  vips_cache_set_max_files(0);
  return 0;
}

// Opens `path` by the loader named ("pngload", "tiffload", …). `strict` fails on a truncated file instead of filling it up.
static inline VipsImage *cvips_open(const char *loader, const char *path, int strict) {
  VipsImage *image = NULL;
  int failed = vips_call(
    loader, path, &image, "fail_on", strict ? VIPS_FAIL_ON_TRUNCATED : VIPS_FAIL_ON_NONE, NULL);
  return failed ? NULL : image;
}

// All below return a new image, or NULL with the reason in the error buffer.
static inline VipsImage *cvips_autorotate(VipsImage *image) {
  VipsImage *out = NULL;
  return vips_autorot(image, &out, NULL) ? NULL : out;
}

static inline VipsImage *cvips_flatten(VipsImage *image) {
  VipsImage *out = NULL;
  return vips_flatten(image, &out, NULL) ? NULL : out;
}

static inline VipsImage *cvips_to_srgb(VipsImage *image) {
  VipsImage *out = NULL;
  return vips_colourspace(image, &out, VIPS_INTERPRETATION_sRGB, NULL) ? NULL : out;
}

static inline VipsImage *cvips_to_float(VipsImage *image) {
  VipsImage *out = NULL;
  return vips_cast(image, &out, VIPS_FORMAT_FLOAT, NULL) ? NULL : out;
}

// The macro VIPS_OBJECT casts through GLib's type system, which Swift cannot import.
static inline void cvips_release(VipsImage *image) { g_object_unref(image); }
