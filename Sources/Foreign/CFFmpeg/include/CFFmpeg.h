// Reading clips through FFmpeg's libraries: the frames of the best video stream, one after the other, as grey or RGB bytes.
// A file is opened by the `file` protocol alone and by a few demuxers alone; nothing is printed; one thread.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct CFFmpegClip CFFmpegClip;

enum {
  CFFMPEG_OK = 0,
  CFFMPEG_END = 1,             // no packet or frame is left
  CFFMPEG_UNREADABLE = -1,     // the system does not hand out the file's bytes
  CFFMPEG_NOT_RECOGNISED = -2, // no demuxer makes sense of it
  CFFMPEG_NO_VIDEO = -3,       // no stream of moving pictures
  CFFMPEG_NO_DECODER = -4,     // encoded in a way this build cannot decode
  CFFMPEG_DAMAGED = -5,
  CFFMPEG_NO_MEMORY = -6,
};

// What is known before a frame is decoded; what the frames say holds.
typedef struct {
  int32_t width, height;
  int32_t samples;           // 1 grey, 3 colour
  int32_t bits;              // of a sample as encoded
  int32_t orientation;       // EXIF's 1…8: how the display matrix turns the picture
  int32_t has_packet_times;  // whether each packet is one frame shown, and says when
  int32_t has_stamps;        // whether the container holds time stamps: bare bit streams don't
  int32_t seconds_numerator, seconds_denominator;  // of one unit of the stamps
} CFFmpegFacts;

// The frame decoded last.
typedef struct {
  int64_t stamp;        // CFFMPEG_NO_STAMP where there is none
  int32_t width, height;
  int32_t samples;      // 1 or 3
  int32_t sample_width; // bytes: 1, or 2 for more than 8 bits, then scaled to 16 bits, in the machine's byte order
  int32_t is_damaged;   // the decoder filled a gap by guessing
} CFFmpegFrame;

#define CFFMPEG_NO_STAMP INT64_MIN

const char *cffmpeg_version(void);

// NULL with a code in `status`. Frames of more than `pixels` are refused.
CFFmpegClip *cffmpeg_open(const char *path, int64_t pixels, int32_t *status);
// The same for bytes in memory, which must live until close: a bit stream of H.264, HEVC or MPEG-2, or one of the containers.
CFFmpegClip *cffmpeg_open_memory(const uint8_t *bytes, int64_t count, int64_t pixels, int32_t *status);
void cffmpeg_close(CFFmpegClip *clip);
void cffmpeg_facts(const CFFmpegClip *clip, CFFmpegFacts *facts);

// The stamp of the next packet of the stream that will be shown, without decoding. Packets and frames of one handle must not be mixed.
int32_t cffmpeg_next_stamp(CFFmpegClip *clip, int64_t *stamp);

// Decodes the next frame in the order of showing. Packets that cannot be decoded are passed over.
int32_t cffmpeg_next_frame(CFFmpegClip *clip, CFFmpegFrame *frame);

// The pixels of the frame decoded last, `width * height * samples * sample_width` bytes; transparency is laid over black.
int32_t cffmpeg_pixels(CFFmpegClip *clip, uint8_t *target);

#ifdef __cplusplus
}
#endif
