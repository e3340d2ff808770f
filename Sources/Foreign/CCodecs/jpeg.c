// libjpeg's errors leave by longjmp and its warnings are judged: a picture that was filled up is not handed out.
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>

#include <jerror.h>
#include <jpeglib.h>

#include "CCodecs.h"

typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf exit;
  bool isTruncated, isCorrupt, endedEarly;
} Errors;

static void leave(j_common_ptr decoder) { longjmp(((Errors *)decoder->err)->exit, 1); }

static void judge(j_common_ptr decoder, int level) {
  if (level >= 0) return;
  Errors *errors = (Errors *)decoder->err;
  switch (errors->base.msg_code) {
    case JWRN_HIT_MARKER: errors->isTruncated = true; break;
    // An end marker that is missing is none of the picture; one that is missed before all scans are read is.
    case JWRN_JPEG_EOF: errors->endedEarly = true; break;
    // Padding, versions, and scan headers of sequential files whose fields for the band of frequencies are left empty.
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_TOO_MUCH_DATA:
    case JWRN_NOT_SEQUENTIAL: break;
    default: errors->isCorrupt = true;
  }
}

static void keepQuiet(j_common_ptr decoder) { (void)decoder; }

// A small progressive file can ask for a very long time.
static void limitScans(j_common_ptr decoder) {
  if (decoder->is_decompressor && ((j_decompress_ptr)decoder)->input_scan_number > 500) {
    ((Errors *)decoder->err)->isCorrupt = true;
    leave(decoder);
  }
}

static int32_t verdict(const Errors *errors) {
  if (errors->isTruncated) return CCODECS_TRUNCATED;
  if (errors->isCorrupt) return CCODECS_CORRUPT;
  switch (errors->base.msg_code) {
    case JERR_OUT_OF_MEMORY: return CCODECS_NO_MEMORY;
    case JERR_INPUT_EOF:
    case JERR_INPUT_EMPTY: return CCODECS_TRUNCATED;
    case JERR_SOF_UNSUPPORTED:
    case JERR_BAD_PRECISION:
    case JERR_ARITH_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOT_COMPILED: return CCODECS_UNSUPPORTED;
    default: return CCODECS_CORRUPT;
  }
}

// A decoder, what watches over it and what it met: one picture's.
typedef struct {
  struct jpeg_decompress_struct decoder;
  struct jpeg_progress_mgr progress;
  Errors errors;
} Reading;

// The header of `bytes`. Errors leave to `reading->errors.exit`, which the caller has set.
static void begin(Reading *reading, const uint8_t *bytes, size_t length) {
  jpeg_create_decompress(&reading->decoder);
  reading->progress.progress_monitor = limitScans;
  reading->decoder.progress = &reading->progress;
  jpeg_mem_src(&reading->decoder, bytes, length);
  jpeg_read_header(&reading->decoder, TRUE);
}

static void prepare(Reading *reading) {
  *reading = (Reading){0};
  reading->decoder.err = jpeg_std_error(&reading->errors.base);
  reading->errors.base.error_exit = leave;
  reading->errors.base.emit_message = judge;
  reading->errors.base.output_message = keepQuiet;
}

// Every row, to `target` or over one another where that is NULL; then what the warnings on the way amount to.
static int32_t readRows(Reading *reading, uint8_t *target) {
  struct jpeg_decompress_struct *decoder = &reading->decoder;
  jpeg_start_decompress(decoder);
  const bool isComplete = !(jpeg_has_multiple_scans(decoder) && reading->errors.endedEarly);
  const size_t samples = (size_t)decoder->output_width * (size_t)decoder->output_components;
  JSAMPROW row = target;
  if (!target) row = decoder->mem->alloc_large((j_common_ptr)decoder, JPOOL_IMAGE, samples);
  while (decoder->output_scanline < decoder->output_height) {
    if (jpeg_read_scanlines(decoder, &row, 1) == 0) break;
    if (target) row += samples;
  }
  if (reading->errors.isTruncated || !isComplete || decoder->output_scanline < decoder->output_height)
    return CCODECS_TRUNCATED;
  return reading->errors.isCorrupt ? CCODECS_CORRUPT : CCODECS_OK;
}

static int32_t end(Reading *reading, int32_t code) {
  jpeg_destroy_decompress(&reading->decoder);
  return code;
}

int32_t ccodecs_jpeg_decode(const uint8_t *bytes, size_t length, const CCodecsJPEG *expected, uint8_t *target) {
  Reading reading;
  prepare(&reading);
  if (setjmp(reading.errors.exit)) return end(&reading, verdict(&reading.errors));
  begin(&reading, bytes, length);
  struct jpeg_decompress_struct *decoder = &reading.decoder;
  if (decoder->image_width != expected->width || decoder->image_height != expected->height
      || (uint32_t)decoder->num_components != expected->components)
    return end(&reading, CCODECS_MISMATCH);
  decoder->jpeg_color_space = expected->components == 1 ? JCS_GRAYSCALE : expected->is_ybr ? JCS_YCbCr : JCS_RGB;
  decoder->out_color_space = expected->components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  decoder->dct_method = JDCT_ISLOW;
  decoder->do_fancy_upsampling = TRUE;
  decoder->scale_num = 1;
  decoder->scale_denom = 1u << expected->reduction;
  return end(&reading, readRows(&reading, target));
}

int32_t ccodecs_jpeg_judge(const uint8_t *bytes, size_t length) {
  Reading reading;
  prepare(&reading);
  if (setjmp(reading.errors.exit)) return end(&reading, verdict(&reading.errors));
  begin(&reading, bytes, length);
  reading.decoder.scale_num = 1;
  reading.decoder.scale_denom = 8;
  return end(&reading, readRows(&reading, NULL));
}
