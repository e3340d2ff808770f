#include "CFFmpeg.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <string.h>

_Static_assert(CFFMPEG_NO_STAMP == AV_NOPTS_VALUE, "a frame without a stamp");

// Demuxers that read one file and nothing it points at.
static const char file_formats[] = "mov,avi,mpeg,mpegts,mpegvideo,matroska,gif";
static const char memory_formats[] = "h264,hevc,mpegvideo,mpeg,mpegts,mov";

typedef struct {
  const uint8_t *bytes;
  int64_t count, position;
} Memory;

struct CFFmpegClip {
  AVFormatContext *format;
  AVIOContext *io;  // only of clips in memory
  Memory memory;
  AVCodecContext *codec;
  AVPacket *packet;
  AVFrame *frame;
  struct SwsContext *scaler;
  AVStream *stream;
  int is_draining;
};

const char *cffmpeg_version(void) { return av_version_info(); }

static int32_t code(int error) {
  switch (error) {
    case AVERROR(ENOMEM): return CFFMPEG_NO_MEMORY;
    case AVERROR(EIO):
    case AVERROR(EACCES):
    case AVERROR(EPERM):
    case AVERROR(ENOENT): return CFFMPEG_UNREADABLE;
    case AVERROR_DECODER_NOT_FOUND:
    case AVERROR_PATCHWELCOME:
    case AVERROR(ENOSYS): return CFFMPEG_NO_DECODER;
    default: return CFFMPEG_DAMAGED;
  }
}

static int memory_read(void *opaque, uint8_t *target, int size) {
  Memory *memory = opaque;
  int64_t left = memory->count - memory->position;
  if (left <= 0) return AVERROR_EOF;
  int count = left < size ? (int)left : size;
  memcpy(target, memory->bytes + memory->position, (size_t)count);
  memory->position += count;
  return count;
}

static int64_t memory_seek(void *opaque, int64_t offset, int whence) {
  Memory *memory = opaque;
  whence &= ~AVSEEK_FORCE;
  if (whence == AVSEEK_SIZE) return memory->count;
  if (whence == SEEK_CUR) offset += memory->position;
  if (whence == SEEK_END) offset += memory->count;
  if (offset < 0 || offset > memory->count) return AVERROR(EINVAL);
  return memory->position = offset;
}

void cffmpeg_close(CFFmpegClip *clip) {
  if (!clip) return;
  sws_freeContext(clip->scaler);
  av_frame_free(&clip->frame);
  av_packet_free(&clip->packet);
  avcodec_free_context(&clip->codec);
  avformat_close_input(&clip->format);
  if (clip->io) av_freep(&clip->io->buffer);
  avio_context_free(&clip->io);
  av_free(clip);
}

static int32_t open_stream(CFFmpegClip *clip, int64_t pixels) {
  for (unsigned i = 0; i < clip->format->nb_streams; i++) {
    AVStream *stream = clip->format->streams[i];
    if (stream->codecpar->codec_type != AVMEDIA_TYPE_VIDEO) stream->discard = AVDISCARD_ALL;
  }
  int found = avformat_find_stream_info(clip->format, NULL);
  if (found < 0) return code(found);
  int index = av_find_best_stream(clip->format, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
  if (index < 0) return CFFMPEG_NO_VIDEO;
  clip->stream = clip->format->streams[index];
  if (clip->stream->disposition & AV_DISPOSITION_ATTACHED_PIC) return CFFMPEG_NO_VIDEO;
  for (unsigned i = 0; i < clip->format->nb_streams; i++) {
    clip->format->streams[i]->discard = (int)i == index ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
  const AVCodec *decoder = avcodec_find_decoder(clip->stream->codecpar->codec_id);
  if (!decoder) return CFFMPEG_NO_DECODER;
  clip->codec = avcodec_alloc_context3(decoder);
  if (!clip->codec) return CFFMPEG_NO_MEMORY;
  int set = avcodec_parameters_to_context(clip->codec, clip->stream->codecpar);
  if (set < 0) return code(set);
  clip->codec->pkt_timebase = clip->stream->time_base;
  clip->codec->thread_count = 1;
  clip->codec->max_pixels = pixels;
  clip->codec->flags |= AV_CODEC_FLAG_BITEXACT;
  int opened = avcodec_open2(clip->codec, decoder, NULL);
  return opened < 0 ? code(opened) : CFFMPEG_OK;
}

static int32_t open_format(CFFmpegClip *clip, const char *url, int64_t pixels) {
  clip->packet = av_packet_alloc();
  clip->frame = av_frame_alloc();
  clip->format = avformat_alloc_context();
  if (!clip->packet || !clip->frame || !clip->format) return CFFMPEG_NO_MEMORY;
  clip->format->pb = clip->io;
  // A packet that ends with the file is half a frame: it is left out.
  clip->format->flags |= AVFMT_FLAG_DISCARD_CORRUPT | AVFMT_FLAG_BITEXACT;
  clip->format->max_streams = 64;
  AVDictionary *options = NULL;
  av_dict_set(&options, "format_whitelist", clip->io ? memory_formats : file_formats, 0);
  av_dict_set(&options, "protocol_whitelist", "file", 0);
  int opened = avformat_open_input(&clip->format, url, NULL, &options);
  av_dict_free(&options);
  if (opened == AVERROR_INVALIDDATA) return CFFMPEG_NOT_RECOGNISED;
  return opened < 0 ? code(opened) : open_stream(clip, pixels);
}

static CFFmpegClip *finish(CFFmpegClip *clip, const char *url, int64_t pixels, int32_t *status) {
  *status = open_format(clip, url, pixels);
  if (*status == CFFMPEG_OK) return clip;
  cffmpeg_close(clip);
  return NULL;
}

static CFFmpegClip *begin(int32_t *status) {
  av_log_set_level(AV_LOG_QUIET);
  av_max_alloc((size_t)1 << 30);
  *status = CFFMPEG_NO_MEMORY;
  return av_mallocz(sizeof(CFFmpegClip));
}

CFFmpegClip *cffmpeg_open(const char *path, int64_t pixels, int32_t *status) {
  CFFmpegClip *clip = begin(status);
  // Without the prefix, a path with a colon would name a protocol.
  char *url = clip ? av_asprintf("file:%s", path) : NULL;
  if (!url) {
    cffmpeg_close(clip);
    return NULL;
  }
  clip = finish(clip, url, pixels, status);
  av_free(url);
  return clip;
}

CFFmpegClip *cffmpeg_open_memory(const uint8_t *bytes, int64_t count, int64_t pixels, int32_t *status) {
  CFFmpegClip *clip = begin(status);
  if (!clip) return NULL;
  clip->memory = (Memory){bytes, count, 0};
  uint8_t *buffer = av_malloc(1 << 16);
  if (buffer) clip->io = avio_alloc_context(buffer, 1 << 16, 0, &clip->memory, memory_read, NULL, memory_seek);
  if (!clip->io) {
    av_free(buffer);
    cffmpeg_close(clip);
    return NULL;
  }
  return finish(clip, "", pixels, status);
}

// The EXIF orientation of a display matrix of quarter turns and mirrors; 1 for any other.
static int32_t orientation(const AVStream *stream) {
  const int32_t *matrix = NULL;
#if LIBAVFORMAT_VERSION_MAJOR >= 61
  const AVPacketSideData *data = av_packet_side_data_get(
    stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  if (data && data->size >= 9 * sizeof(int32_t)) matrix = (const int32_t *)data->data;
#else
  size_t size = 0;
  uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  if (data && size >= 9 * sizeof(int32_t)) matrix = (const int32_t *)data;
#endif
  if (!matrix) return 1;
  // x' = a·x + c·y and y' = b·x + d·y, y pointing down.
  int a = (matrix[0] > 0) - (matrix[0] < 0), b = (matrix[1] > 0) - (matrix[1] < 0);
  int c = (matrix[3] > 0) - (matrix[3] < 0), d = (matrix[4] > 0) - (matrix[4] < 0);
  if (b == 0 && c == 0 && a != 0 && d != 0) return a > 0 ? (d > 0 ? 1 : 4) : (d > 0 ? 2 : 3);
  if (a == 0 && d == 0 && b != 0 && c != 0) return b > 0 ? (c > 0 ? 5 : 6) : (c > 0 ? 8 : 7);
  return 1;
}

// Whether packets of this stream are frames shown, one to one. Left out are codecs with packets that show nothing (VP8) and containers
// that don't say when a frame is shown (AVI) or hold pieces of frames (MPEG).
static int has_packet_times(const CFFmpegClip *clip) {
  const char *container = clip->format->iformat->name;
  if (!av_match_list("mov", container, ',') && !av_match_list("matroska", container, ',') && strcmp(container, "gif")) {
    return 0;
  }
  switch (clip->stream->codecpar->codec_id) {
    case AV_CODEC_ID_H264:
    case AV_CODEC_ID_HEVC:
    case AV_CODEC_ID_MPEG4:
    case AV_CODEC_ID_MJPEG:
    case AV_CODEC_ID_PRORES:
    case AV_CODEC_ID_DNXHD:
    case AV_CODEC_ID_FFV1:
    case AV_CODEC_ID_PNG:
    case AV_CODEC_ID_RAWVIDEO:
    case AV_CODEC_ID_VP9:
    case AV_CODEC_ID_AV1:
    case AV_CODEC_ID_GIF: return 1;
    default: return 0;
  }
}

static int depth(const AVPixFmtDescriptor *format) { return format && format->nb_components ? format->comp[0].depth : 8; }

// Grey has one component, or two with transparency; a palette has one too.
static int samples(const AVPixFmtDescriptor *format) {
  if (!format || format->flags & (AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_RGB)) return 3;
  return format->nb_components <= 2 ? 1 : 3;
}

void cffmpeg_facts(const CFFmpegClip *clip, CFFmpegFacts *facts) {
  const AVCodecParameters *parameters = clip->stream->codecpar;
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(parameters->format);
  *facts = (CFFmpegFacts){
    .width = parameters->width,
    .height = parameters->height,
    .samples = samples(format),
    .bits = depth(format),
    .orientation = orientation(clip->stream),
    .has_packet_times = has_packet_times(clip),
    .has_stamps = !av_match_list(clip->format->iformat->name, "h264,hevc,mpegvideo", ','),
    .seconds_numerator = clip->stream->time_base.num,
    .seconds_denominator = clip->stream->time_base.den,
  };
}

// The next packet of the stream is in `packet`.
static int32_t next_packet(CFFmpegClip *clip) {
  while (1) {
    av_packet_unref(clip->packet);
    int read = av_read_frame(clip->format, clip->packet);
    if (read == AVERROR(EAGAIN)) continue;
    // Whatever ends the file ends the clip: where it ends too early is seen in the container.
    if (read < 0) return read == AVERROR(ENOMEM) ? CFFMPEG_NO_MEMORY : CFFMPEG_END;
    if (clip->packet->stream_index == clip->stream->index) return CFFMPEG_OK;
  }
}

int32_t cffmpeg_next_stamp(CFFmpegClip *clip, int64_t *stamp) {
  int32_t status;
  do {
    status = next_packet(clip);
  } while (status == CFFMPEG_OK && clip->packet->flags & AV_PKT_FLAG_DISCARD);
  *stamp = status == CFFMPEG_OK ? clip->packet->pts : CFFMPEG_NO_STAMP;
  av_packet_unref(clip->packet);
  return status;
}

int32_t cffmpeg_next_frame(CFFmpegClip *clip, CFFmpegFrame *frame) {
  while (1) {
    int received = avcodec_receive_frame(clip->codec, clip->frame);
    if (received == 0) break;
    if (received == AVERROR_EOF) return CFFMPEG_END;
    if (received == AVERROR(ENOMEM)) return CFFMPEG_NO_MEMORY;
    if (received != AVERROR(EAGAIN)) {
      if (clip->is_draining > 1000) return CFFMPEG_END;  // a decoder that fails for ever at the end
      if (clip->is_draining) clip->is_draining++;
      continue;
    }
    if (clip->is_draining) return CFFMPEG_END;
    int32_t status = next_packet(clip);
    if (status == CFFMPEG_NO_MEMORY) return status;
    if (status == CFFMPEG_END) {
      clip->is_draining = 1;
      avcodec_send_packet(clip->codec, NULL);
      continue;
    }
    int sent = avcodec_send_packet(clip->codec, clip->packet);
    av_packet_unref(clip->packet);
    if (sent == AVERROR(ENOMEM)) return CFFMPEG_NO_MEMORY;
  }
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(clip->frame->format);
  if (!format) return CFFMPEG_NO_DECODER;
  *frame = (CFFmpegFrame){
    .stamp = clip->frame->best_effort_timestamp,
    .width = clip->frame->width,
    .height = clip->frame->height,
    .samples = samples(format),
    .sample_width = depth(format) > 8 ? 2 : 1,
    .is_damaged = clip->frame->decode_error_flags != 0 || clip->frame->flags & AV_FRAME_FLAG_CORRUPT,
  };
  return CFFMPEG_OK;
}

// Which numbers are black and white, and how colour was taken apart, as the stream says. Where it doesn't say, samples are of limited range
// (but for the formats that mean full range by name), colour by BT.601, as FFmpeg and OpenCV have it.
static int set_colours(CFFmpegClip *clip, const AVPixFmtDescriptor *format) {
  const AVFrame *frame = clip->frame;
  int is_named_full = strncmp(format->name, "yuvj", 4) == 0;
  int has_range = !(format->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL));
  int is_full = !has_range || is_named_full || frame->color_range == AVCOL_RANGE_JPEG
    || (samples(format) == 1 && frame->color_range != AVCOL_RANGE_MPEG);
  const int *matrix = sws_getCoefficients(frame->colorspace);
  const int *target = sws_getCoefficients(SWS_CS_DEFAULT);
  return sws_setColorspaceDetails(clip->scaler, matrix, is_full, target, 1, 0, 1 << 16, 1 << 16);
}

int32_t cffmpeg_pixels(CFFmpegClip *clip, uint8_t *target) {
  const AVFrame *frame = clip->frame;
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
  if (!format || !frame->data[0]) return CFFMPEG_DAMAGED;
  int channels = samples(format), wide = depth(format) > 8;
  int has_alpha = (format->flags & (AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL)) != 0;
  if (has_alpha && channels == 1) channels = 3;  // grey with transparency goes through RGBA
  enum AVPixelFormat wanted = channels == 1 ? (wide ? AV_PIX_FMT_GRAY16 : AV_PIX_FMT_GRAY8)
    : has_alpha                             ? (wide ? AV_PIX_FMT_RGBA64 : AV_PIX_FMT_RGBA)
                                            : (wide ? AV_PIX_FMT_RGB48 : AV_PIX_FMT_RGB24);
  clip->scaler = sws_getCachedContext(
    clip->scaler, frame->width, frame->height, frame->format, frame->width, frame->height, wanted,
    SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT, NULL, NULL, NULL);
  if (!clip->scaler) return CFFMPEG_NO_DECODER;
  set_colours(clip, format);
  uint8_t *planes[4];
  int strides[4];
  // Rows are padded: the vector code writes beyond them.
  int size = av_image_alloc(planes, strides, frame->width + 32, frame->height, wanted, 64);
  if (size < 0) return code(size);
  int rows = sws_scale(
    clip->scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, planes, strides);
  if (rows == frame->height) {
    size_t width = (size_t)frame->width, step = (size_t)(wide ? 2 : 1);
    int kept = samples(format);
    for (int y = 0; y < rows; y++) {
      const uint8_t *line = planes[0] + (ptrdiff_t)y * strides[0];
      uint8_t *row = target + (size_t)y * width * (size_t)kept * step;
      if (!has_alpha) {
        memcpy(row, line, width * (size_t)kept * step);
        continue;
      }
      for (size_t x = 0; x < width; x++) {
        for (int k = 0; k < kept; k++) {
          if (wide) {
            uint32_t value = ((const uint16_t *)line)[4 * x + k], alpha = ((const uint16_t *)line)[4 * x + 3];
            ((uint16_t *)row)[(size_t)kept * x + k] = (uint16_t)((value * (uint64_t)alpha + 32767) / 65535);
          } else {
            row[(size_t)kept * x + k] = (uint8_t)((line[4 * x + k] * line[4 * x + 3] + 127) / 255);
          }
        }
      }
    }
  }
  av_freep(&planes[0]);
  return rows == frame->height ? CFFMPEG_OK : CFFMPEG_DAMAGED;
}
