// GDCM's writers behind a C face: every C++ exception ends here.
#include "CGDCMWrite.h"

#include <cstdlib>
#include <cstring>
#include <string>

#include "gdcmFileMetaInformation.h"
#include "gdcmImage.h"
#include "gdcmImageChangeTransferSyntax.h"
#include "gdcmTrace.h"
#include "gdcmVersion.h"
#include "gdcmWriter.h"

namespace {
gdcm::DataElement element(const CGDCMElement &given) {
  const gdcm::VR representation(gdcm::VR::GetVRType(given.representation));
  gdcm::DataElement made(gdcm::Tag(given.group, given.element));
  made.SetVR(representation);
  std::string value(given.value);
  if (representation == gdcm::VR::US) {
    const auto number = static_cast<uint16_t>(std::strtoul(given.value, nullptr, 10));
    value.assign({static_cast<char>(number & 0xff), static_cast<char>(number >> 8)});
  } else if (value.size() % 2 == 1) {
    value.push_back(representation == gdcm::VR::UI ? '\0' : ' ');
  }
  made.SetByteValue(value.data(), static_cast<uint32_t>(value.size()));
  return made;
}

void fill(gdcm::File &file, const CGDCMElement *elements, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) file.GetDataSet().Replace(element(elements[i]));
}

gdcm::TransferSyntax syntax(int32_t encoding) {
  switch (encoding) {
    case CGDCM_RUN_LENGTH: return gdcm::TransferSyntax::RLELossless;
    case CGDCM_LOSSLESS_JPEG: return gdcm::TransferSyntax::JPEGLosslessProcess14_1;
    default: return gdcm::TransferSyntax::ExplicitVRLittleEndian;
  }
}

int32_t writeWithoutImage(const char *path, const CGDCMElement *elements, uint64_t count) {
  gdcm::Writer writer;
  fill(writer.GetFile(), elements, count);
  gdcm::FileMetaInformation &header = writer.GetFile().GetHeader();
  header.SetDataSetTransferSyntax(syntax(CGDCM_EXPLICIT_LITTLE_ENDIAN));
  header.FillFromDataSet(writer.GetFile().GetDataSet());
  writer.SetFileName(path);
  return writer.Write() ? CGDCM_WRITTEN : CGDCM_NOT_WRITTEN;
}

gdcm::SmartPointer<gdcm::Image> nativeImage(const CGDCMGreyImage &given) {
  gdcm::SmartPointer<gdcm::Image> image = new gdcm::Image;
  image->SetNumberOfDimensions(2);
  image->SetDimension(0, given.columns);
  image->SetDimension(1, given.rows);
  image->SetPixelFormat(gdcm::PixelFormat(1, 16, given.bits_stored, given.bits_stored - 1, 0));
  image->SetPhotometricInterpretation(
    given.inverted ? gdcm::PhotometricInterpretation::MONOCHROME1 : gdcm::PhotometricInterpretation::MONOCHROME2);
  image->SetTransferSyntax(gdcm::TransferSyntax::ExplicitVRLittleEndian);
  gdcm::DataElement pixels(gdcm::Tag(0x7fe0, 0x0010));
  pixels.SetVR(gdcm::VR::OW);
  pixels.SetByteValue(
    reinterpret_cast<const char *>(given.pixels), static_cast<uint32_t>(2u * given.columns * given.rows));
  image->SetDataElement(pixels);
  return image;
}

// What PS3.3 C.7.6.3 wants to be said of the samples.
void fillPixelModule(gdcm::DataSet &set, const CGDCMGreyImage &given) {
  const auto number = [&set](uint16_t tag, uint32_t value) {
    const std::string text = std::to_string(value);
    set.Replace(element({0x0028, tag, "US", text.c_str()}));
  };
  number(0x0002, 1);
  set.Replace(element({0x0028, 0x0004, "CS", given.inverted ? "MONOCHROME1" : "MONOCHROME2"}));
  number(0x0010, given.rows);
  number(0x0011, given.columns);
  number(0x0100, 16);
  number(0x0101, given.bits_stored);
  number(0x0102, given.bits_stored - 1);
  number(0x0103, 0);
}
}  // namespace

const char *cgdcm_version(void) { return gdcm::Version::GetVersion(); }

int32_t cgdcm_write(
  const char *path, const CGDCMGreyImage *given, const CGDCMElement *elements, uint64_t count, int32_t encoding) {
  try {
    gdcm::Trace::SetWarning(false);
    if (!given || !given->pixels) return writeWithoutImage(path, elements, count);
    gdcm::SmartPointer<gdcm::Image> image = nativeImage(*given);
    gdcm::ImageChangeTransferSyntax change;
    if (encoding != CGDCM_EXPLICIT_LITTLE_ENDIAN) {
      change.SetTransferSyntax(syntax(encoding));
      change.SetInput(*image);
      if (!change.Change()) return CGDCM_NOT_ENCODED;
    }
    // Not gdcm::ImageWriter, which puts a position and a spacing of its own in the place of those given.
    gdcm::Writer writer;
    fill(writer.GetFile(), elements, count);
    fillPixelModule(writer.GetFile().GetDataSet(), *given);
    const bool isNative = encoding == CGDCM_EXPLICIT_LITTLE_ENDIAN;
    gdcm::DataElement pixels = isNative ? image->GetDataElement() : change.GetOutput().GetDataElement();
    pixels.SetVR(isNative ? gdcm::VR::OW : gdcm::VR::OB);
    writer.GetFile().GetDataSet().Replace(pixels);
    gdcm::FileMetaInformation &header = writer.GetFile().GetHeader();
    header.SetDataSetTransferSyntax(syntax(encoding));
    header.FillFromDataSet(writer.GetFile().GetDataSet());
    writer.SetFileName(path);
    return writer.Write() ? CGDCM_WRITTEN : CGDCM_NOT_WRITTEN;
  } catch (...) {
    return CGDCM_NOT_BUILT;
  }
}
