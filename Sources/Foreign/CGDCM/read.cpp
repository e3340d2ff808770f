// GDCM behind a C face: every C++ exception ends here.
#include "CGDCMRead.h"

#include <cstring>
#include <fstream>
#include <istream>
#include <new>
#include <vector>

#include "gdcmFileMetaInformation.h"
#include "gdcmImage.h"
#include "gdcmImageReader.h"
#include "gdcmSequenceOfFragments.h"
#include "gdcmSequenceOfItems.h"
#include "gdcmTrace.h"
#include "gdcmVersion.h"

namespace {
// GDCM does not notice a value that ends before its length says: the buffer does. Asking for a next tag at the end is no such thing.
class WatchfulBuffer final : public std::filebuf {
 public:
  bool endedEarly = false;

 protected:
  std::streamsize xsgetn(char *target, std::streamsize wanted) override {
    const std::streamsize got = std::filebuf::xsgetn(target, wanted);
    if (got < wanted && (got > 0 || wanted > 8)) endedEarly = true;
    return got;
  }
};
}  // namespace

namespace {
// Offers the pixels of files whose storage class GDCM does not know (vendors have their own) as those of a plain picture.
class LenientReader final : public gdcm::ImageReader {
 public:
  bool readAsPlainPicture() {
    return ReadImage(gdcm::MediaStorage(gdcm::MediaStorage::SecondaryCaptureImageStorage));
  }
};
}  // namespace

struct CGDCMFile {
  WatchfulBuffer buffer;
  std::istream stream{&buffer};
  LenientReader reader;
  // Parsed sequences are kept alive as long as pointers into them may be.
  std::vector<gdcm::SmartPointer<gdcm::SequenceOfItems>> sequences;
};

namespace {
const gdcm::Tag pixelData(0x7fe0, 0x0010);

// What is true of a file that was read (`isImage`) or not.
int32_t imageStatus(const CGDCMFile &file, bool isImage) {
  const gdcm::File &contents = file.reader.GetFile();
  // A deflated stream is read in blocks, the last of which is always short.
  const bool isDeflated =
    contents.GetHeader().GetDataSetTransferSyntax() == gdcm::TransferSyntax::DeflatedExplicitVRLittleEndian;
  if (contents.GetDataSet().IsEmpty()) return CGDCM_NOT_PARSED;
  if (file.buffer.endedEarly && !isDeflated) return CGDCM_TRUNCATED;
  if (isImage) return CGDCM_OK;
  return contents.GetDataSet().FindDataElement(pixelData) ? CGDCM_BAD_IMAGE : CGDCM_NO_PIXELS;
}

// The bytes that a native pixel element must have by its own header; 0 where the header does not say.
uint64_t nativeLength(const gdcm::DataSet &set) {
  const auto word = [&](uint16_t element) -> uint64_t {
    const gdcm::Tag tag(0x0028, element);
    if (!set.FindDataElement(tag)) return 0;
    const gdcm::ByteValue *value = set.GetDataElement(tag).GetByteValue();
    if (!value || static_cast<uint32_t>(value->GetLength()) < 2) return 0;
    const auto *bytes = reinterpret_cast<const uint8_t *>(value->GetPointer());
    return bytes[0] | bytes[1] << 8;
  };
  const uint64_t bits = word(0x0002) * word(0x0010) * word(0x0011) * word(0x0100);
  return bits / 8;
}

int64_t value(const gdcm::DataSet &set, gdcm::Tag tag, const uint8_t **bytes) {
  if (!set.FindDataElement(tag)) return -1;
  const gdcm::ByteValue *found = set.GetDataElement(tag).GetByteValue();
  if (!found) return 0;
  *bytes = reinterpret_cast<const uint8_t *>(found->GetPointer());
  return static_cast<int64_t>(static_cast<uint32_t>(found->GetLength()));
}
}  // namespace

const char *cgdcm_version(void) { return gdcm::Version::GetVersion(); }

CGDCMFile *cgdcm_open(const char *path, int32_t *status) {
  *status = CGDCM_NO_MEMORY;
  CGDCMFile *file = nullptr;
  try {
    gdcm::Trace::WarningOff();
    gdcm::Trace::ErrorOff();
    file = new CGDCMFile;
    if (!file->buffer.open(path, std::ios::in | std::ios::binary)) {
      *status = CGDCM_NOT_PARSED;
      return file;
    }
    file->reader.SetStream(file->stream);
    const bool isImage = file->reader.Read();
    *status = imageStatus(*file, isImage);
    if (*status == CGDCM_BAD_IMAGE && file->reader.readAsPlainPicture()) *status = CGDCM_OK;
  } catch (const std::bad_alloc &) {
    *status = CGDCM_NO_MEMORY;
  } catch (...) {
    *status = CGDCM_NOT_PARSED;
  }
  return file;
}

void cgdcm_close(CGDCMFile *file) {
  try {
    delete file;
  } catch (...) {
  }
}

int64_t cgdcm_value(
  const CGDCMFile *file, uint32_t sequence, uint16_t group, uint16_t element, const uint8_t **bytes) {
  try {
    const gdcm::Tag tag(group, element);
    const gdcm::File &contents = file->reader.GetFile();
    if (group == 0x0002) return value(contents.GetHeader(), tag, bytes);
    const gdcm::DataSet &set = contents.GetDataSet();
    if (sequence == 0) return value(set, tag, bytes);
    const gdcm::Tag outer(sequence >> 16, sequence & 0xffff);
    if (!set.FindDataElement(outer)) return -1;
    const auto items = set.GetDataElement(outer).GetValueAsSQ();
    if (!items || items->GetNumberOfItems() == 0) return -1;
    const_cast<CGDCMFile *>(file)->sequences.push_back(items);
    return value(items->GetItem(1).GetNestedDataSet(), tag, bytes);
  } catch (...) {
    return -1;
  }
}

int64_t cgdcm_first_fragment(const CGDCMFile *file, const uint8_t **bytes) {
  try {
    const gdcm::SequenceOfFragments *fragments =
      file->reader.GetImage().GetDataElement().GetSequenceOfFragments();
    if (!fragments || fragments->GetNumberOfFragments() == 0) return -1;
    const gdcm::ByteValue *first = fragments->GetFragment(0).GetByteValue();
    if (!first) return -1;
    *bytes = reinterpret_cast<const uint8_t *>(first->GetPointer());
    return static_cast<int64_t>(static_cast<uint32_t>(first->GetLength()));
  } catch (...) {
    return -1;
  }
}

void cgdcm_format(const CGDCMFile *file, CGDCMPixelFormat *format) {
  std::memset(format, 0, sizeof *format);
  try {
    const gdcm::Image &image = file->reader.GetImage();
    const gdcm::PixelFormat &pixel = image.GetPixelFormat();
    format->columns = image.GetDimension(0);
    format->rows = image.GetDimension(1);
    format->frames = image.GetNumberOfDimensions() > 2 ? image.GetDimension(2) : 1;
    format->samples = pixel.GetSamplesPerPixel();
    format->bits_allocated = pixel.GetBitsAllocated();
    format->bits_stored = pixel.GetBitsStored();
    format->high_bit = pixel.GetHighBit();
    format->is_signed = pixel.GetPixelRepresentation();
    format->is_planar = image.GetPlanarConfiguration() == 1;
    format->bytes = image.GetBufferLength();
    const char *name = image.GetPhotometricInterpretation().GetString();
    if (name) std::strncpy(format->photometric, name, sizeof format->photometric - 1);
  } catch (...) {
  }
}

int32_t cgdcm_decode(CGDCMFile *file, uint8_t *buffer, uint64_t capacity) {
  try {
    const gdcm::Image &image = file->reader.GetImage();
    if (image.GetBufferLength() > capacity) return CGDCM_NO_MEMORY;
    // GDCM fills what is missing with whatever lies behind: a short native pixel element is refused here.
    const gdcm::ByteValue *native = image.GetDataElement().GetByteValue();
    if (native && !image.GetTransferSyntax().IsEncapsulated()
        && static_cast<uint32_t>(native->GetLength()) < nativeLength(file->reader.GetFile().GetDataSet())) {
      return CGDCM_TRUNCATED;
    }
    return image.GetBuffer(reinterpret_cast<char *>(buffer)) ? CGDCM_OK : CGDCM_UNDECODABLE;
  } catch (const std::bad_alloc &) {
    return CGDCM_NO_MEMORY;
  } catch (...) {
    return CGDCM_UNDECODABLE;
  }
}
