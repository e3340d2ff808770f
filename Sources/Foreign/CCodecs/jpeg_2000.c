// OpenJPEG over bytes in memory, in strict mode: a code stream that ends early or contradicts itself gives no picture.
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openjpeg.h>

#include "CCodecs.h"

struct CCodecsJPEG2000 {
  opj_image_t *image;
};

typedef struct {
  const uint8_t *bytes;
  size_t length, at;
  bool ranOut;
} Memory;

static OPJ_SIZE_T readMemory(void *buffer, OPJ_SIZE_T wanted, void *user) {
  Memory *memory = user;
  const size_t left = memory->length - memory->at;
  if (left < wanted) memory->ranOut = true;
  if (left == 0) return (OPJ_SIZE_T)-1;
  const size_t count = wanted < left ? wanted : left;
  memcpy(buffer, memory->bytes + memory->at, count);
  memory->at += count;
  return count;
}

static OPJ_OFF_T skipMemory(OPJ_OFF_T count, void *user) {
  Memory *memory = user;
  if (count < 0 || (uint64_t)count > memory->length - memory->at) {
    memory->ranOut = true;
    return -1;
  }
  memory->at += (size_t)count;
  return count;
}

static OPJ_BOOL seekMemory(OPJ_OFF_T place, void *user) {
  Memory *memory = user;
  if (place < 0 || (uint64_t)place > memory->length) return OPJ_FALSE;
  memory->at = (size_t)place;
  return OPJ_TRUE;
}

static void ignore(const char *message, void *user) {
  (void)message;
  (void)user;
}

static uint32_t scaled(uint32_t side, uint32_t reduction) {
  return (uint32_t)(((uint64_t)side + (1u << reduction) - 1) >> reduction);
}

// At full size, and how often it is to be halved.
typedef struct {
  uint32_t width, height, components, reduction;
} Wanted;

// Whether the picture is the one asked for, whose components a pixel has one or a part of a sample of.
static bool isExpected(const opj_image_t *image, const Wanted *wanted) {
  if (image->x1 <= image->x0 || image->y1 <= image->y0) return false;
  if (image->x1 - image->x0 != wanted->width || image->y1 - image->y0 != wanted->height) return false;
  return image->numcomps == wanted->components;
}

// NULL for `wanted`: the header is all that is read.
static int32_t decode(opj_codec_t *codec, opj_stream_t *stream, const Memory *memory, const Wanted *wanted, opj_image_t **image) {
  if (!opj_read_header(stream, codec, image)) return memory->ranOut ? CCODECS_TRUNCATED : CCODECS_CORRUPT;
  if (!wanted) return CCODECS_OK;
  const uint32_t components = wanted->components;
  if (!isExpected(*image, wanted)) return CCODECS_MISMATCH;
  for (uint32_t c = 0; c < components; ++c) {
    if ((*image)->comps[c].prec < 1 || (*image)->comps[c].prec > 32) return CCODECS_UNSUPPORTED;
    if ((*image)->comps[c].dx < 1 || (*image)->comps[c].dy < 1) return CCODECS_CORRUPT;
  }
  if (!opj_decode(codec, stream, *image)) return memory->ranOut ? CCODECS_TRUNCATED : CCODECS_CORRUPT;
  // A palette makes one component several.
  for (uint32_t c = 0; c < (*image)->numcomps; ++c) {
    const opj_image_comp_t *part = &(*image)->comps[c];
    if (!part->data || part->w == 0 || part->h == 0) return CCODECS_CORRUPT;
  }
  return CCODECS_OK;
}

// The number of resolutions that every tile has, less one: how often a picture can be halved.
static uint32_t levels(opj_codec_t *codec) {
  opj_codestream_info_v2_t *info = opj_get_cstr_info(codec);
  uint32_t count = 0;
  if (info && info->m_default_tile_info.tccp_info && info->m_default_tile_info.tccp_info[0].numresolutions > 0)
    count = info->m_default_tile_info.tccp_info[0].numresolutions - 1;
  if (info) opj_destroy_cstr_info(&info);
  return count;
}

static int32_t attempt(const uint8_t *bytes, size_t length, const Wanted *wanted, opj_image_t **image, uint32_t *available) {
  static const uint8_t signature[12] = {0, 0, 0, 12, 'j', 'P', ' ', ' ', 13, 10, 0x87, 10};
  const bool isFile = length >= 12 && memcmp(bytes, signature, 12) == 0;
  Memory memory = {bytes, length, 0, false};
  int32_t code = CCODECS_NO_MEMORY;
  opj_codec_t *codec = opj_create_decompress(isFile ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K);
  opj_stream_t *stream = opj_stream_create(length < (1u << 20) ? (length < 64 ? 64 : length) : 1u << 20, OPJ_TRUE);
  if (codec && stream) {
    opj_stream_set_user_data(stream, &memory, NULL);
    opj_stream_set_user_data_length(stream, length);
    opj_stream_set_read_function(stream, readMemory);
    opj_stream_set_skip_function(stream, skipMemory);
    opj_stream_set_seek_function(stream, seekMemory);
    opj_set_info_handler(codec, ignore, NULL);
    opj_set_warning_handler(codec, ignore, NULL);
    opj_set_error_handler(codec, ignore, NULL);
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    parameters.cp_reduce = wanted ? wanted->reduction : 0;
    if (opj_setup_decoder(codec, &parameters) && opj_decoder_set_strict_mode(codec, OPJ_TRUE))
      code = decode(codec, stream, &memory, wanted, image);
    if (wanted && (code == CCODECS_OK || wanted->reduction > 0)) *available = levels(codec);
  }
  if (stream) opj_stream_destroy(stream);
  if (codec) opj_destroy_codec(codec);
  if (code != CCODECS_OK && *image) {
    opj_image_destroy(*image);
    *image = NULL;
  }
  return code;
}

int32_t ccodecs_jpeg_2000_decode(const uint8_t *bytes, size_t length, uint32_t width, uint32_t height, uint32_t components,
                                 uint32_t reduction, CCodecsJPEG2000 **picture) {
  *picture = NULL;
  opj_image_t *image = NULL;
  uint32_t available = 0;
  Wanted wanted = {width, height, components, reduction};
  int32_t code = attempt(bytes, length, &wanted, &image, &available);
  // Where the stream has fewer levels, OpenJPEG refuses it as a whole.
  if (code != CCODECS_OK && reduction > 0) {
    wanted.reduction = available < reduction ? available : 0;
    code = attempt(bytes, length, &wanted, &image, &available);
  }
  if (code != CCODECS_OK) return code;
  *picture = malloc(sizeof **picture);
  if (!*picture) {
    opj_image_destroy(image);
    return CCODECS_NO_MEMORY;
  }
  (*picture)->image = image;
  return CCODECS_OK;
}

// Files that do not say what their components are have grey, or red, green and blue, then transparency; halved ones are colour differences.
static int32_t colours(const opj_image_t *image, uint32_t count) {
  switch (image->color_space) {
    case OPJ_CLRSPC_GRAY: return count == 1 ? CCODECS_GREY : CCODECS_OTHER_COLOURS;
    case OPJ_CLRSPC_SRGB: return count == 3 ? CCODECS_RGB : CCODECS_OTHER_COLOURS;
    case OPJ_CLRSPC_SYCC: return count == 3 ? CCODECS_YCC : count == 1 ? CCODECS_GREY : CCODECS_OTHER_COLOURS;
    case OPJ_CLRSPC_UNKNOWN:
    case OPJ_CLRSPC_UNSPECIFIED: break;
    default: return CCODECS_OTHER_COLOURS;
  }
  if (count == 1) return CCODECS_GREY;
  if (count != 3) return CCODECS_OTHER_COLOURS;
  return image->comps[1].dx > image->comps[0].dx && image->comps[2].dx > image->comps[0].dx ? CCODECS_YCC : CCODECS_RGB;
}

static void describe(const opj_image_t *image, CCodecsJPEG2000Format *format) {
  const opj_image_comp_t *first = &image->comps[0], *last = &image->comps[image->numcomps - 1];
  format->components = image->numcomps;
  format->precision = first->prec;
  format->is_signed = (int32_t)first->sgnd;
  format->is_uniform = true;
  for (uint32_t c = 1; c < image->numcomps; ++c)
    if (image->comps[c].prec != first->prec || image->comps[c].sgnd != first->sgnd) format->is_uniform = false;
  format->has_alpha = last != first && (last->alpha != 0 || image->numcomps == 2 || image->numcomps == 4)
                      && image->color_space != OPJ_CLRSPC_CMYK;
  format->colours = colours(image, image->numcomps - (uint32_t)format->has_alpha);
  format->has_profile = image->icc_profile_buf != NULL;
}

int32_t ccodecs_jpeg_2000_header(const uint8_t *bytes, size_t length, CCodecsJPEG2000Format *format) {
  opj_image_t *image = NULL;
  uint32_t available = 0;
  int32_t code = attempt(bytes, length, NULL, &image, &available);
  if (code != CCODECS_OK) return code;
  if (image->numcomps < 1 || image->x1 <= image->x0 || image->y1 <= image->y0) {
    code = CCODECS_CORRUPT;
  } else {
    describe(image, format);
    format->width = image->x1 - image->x0;
    format->height = image->y1 - image->y0;
  }
  opj_image_destroy(image);
  return code;
}

void ccodecs_jpeg_2000_format(const CCodecsJPEG2000 *picture, CCodecsJPEG2000Format *format) {
  const opj_image_t *image = picture->image;
  const opj_image_comp_t *first = &image->comps[0];
  describe(image, format);
  // Of a component that has a part of the samples, the others are repeated.
  format->width = first->dx == 1 ? first->w : scaled(image->x1 - image->x0, first->factor);
  format->height = first->dy == 1 ? first->h : scaled(image->y1 - image->y0, first->factor);
}

#define COPY(TYPE)                                                                                  \
  do {                                                                                              \
    TYPE *to = (TYPE *)target + c;                                                                  \
    if (part->w == format.width && components == 1) {                                               \
      const size_t count = (size_t)format.width * format.height;                                    \
      for (size_t i = 0; i < count && part->h == format.height; ++i) to[i] = (TYPE)part->data[i];   \
      if (part->h == format.height) break;                                                          \
    }                                                                                               \
    for (uint32_t y = 0; y < format.height; ++y) {                                                  \
      const uint32_t row = y / part->dy < part->h ? y / part->dy : part->h - 1;                     \
      const OPJ_INT32 *from = part->data + (size_t)row * part->w;                                   \
      for (uint32_t x = 0; x < format.width; ++x) {                                                 \
        const uint32_t column = part->dx == 1 ? x : x / part->dx;                                   \
        to[((size_t)y * format.width + x) * components] = (TYPE)from[column < part->w ? column : part->w - 1]; \
      }                                                                                             \
    }                                                                                               \
  } while (0)

void ccodecs_jpeg_2000_copy(const CCodecsJPEG2000 *picture, uint32_t width, void *target) {
  CCodecsJPEG2000Format format;
  ccodecs_jpeg_2000_format(picture, &format);
  const size_t components = format.components;
  for (size_t c = 0; c < components; ++c) {
    const opj_image_comp_t *part = &picture->image->comps[c];
    switch (width) {
      case 1: COPY(uint8_t); break;
      case 2: COPY(uint16_t); break;
      default: COPY(uint32_t); break;
    }
  }
}

void ccodecs_jpeg_2000_free(CCodecsJPEG2000 *picture) {
  if (!picture) return;
  opj_image_destroy(picture->image);
  free(picture);
}
