/// The number of a DICOM element: group and element (PS3.5 7.1).
package struct DICOMTag: Hashable, Comparable, Sendable {
  /// Group in the upper, element in the lower half.
  package let number: UInt32

  package init(_ group: UInt16, _ element: UInt16) { number = UInt32(group) << 16 | UInt32(element) }

  package var group: UInt16 { UInt16(number >> 16) }
  package var element: UInt16 { UInt16(number & 0xffff) }
  /// Odd groups are the makers' own.
  package var isPrivate: Bool { group % 2 == 1 }

  package static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}

/// The elements that are read, by the keywords of PS3.6.
extension DICOMTag {
  package static let transferSyntax = Self(0x0002, 0x0010)
  package static let mediaStorageSOPClass = Self(0x0002, 0x0002)
  package static let referencedFileID = Self(0x0004, 0x1500)
  package static let directoryRecordSequence = Self(0x0004, 0x1220)

  package static let specificCharacterSet = Self(0x0008, 0x0005)
  package static let imageType = Self(0x0008, 0x0008)
  package static let sopClass = Self(0x0008, 0x0016)
  package static let sopInstance = Self(0x0008, 0x0018)
  package static let acquisitionDate = Self(0x0008, 0x0022)
  package static let contentDate = Self(0x0008, 0x0023)
  package static let acquisitionDateTime = Self(0x0008, 0x002a)
  package static let acquisitionTime = Self(0x0008, 0x0032)
  package static let contentTime = Self(0x0008, 0x0033)
  package static let modality = Self(0x0008, 0x0060)
  package static let institutionName = Self(0x0008, 0x0080)
  package static let stationName = Self(0x0008, 0x1010)
  package static let manufacturerModelName = Self(0x0008, 0x1090)
  package static let recommendedDisplayFrameRate = Self(0x0008, 0x2144)

  package static let patientID = Self(0x0010, 0x0020)

  package static let bodyPartExamined = Self(0x0018, 0x0015)
  package static let cineRate = Self(0x0018, 0x0040)
  package static let sliceThickness = Self(0x0018, 0x0050)
  package static let repetitionTime = Self(0x0018, 0x0080)
  package static let echoTime = Self(0x0018, 0x0081)
  package static let inversionTime = Self(0x0018, 0x0082)
  package static let echoNumbers = Self(0x0018, 0x0086)
  package static let spacingBetweenSlices = Self(0x0018, 0x0088)
  package static let triggerTime = Self(0x0018, 0x1060)
  package static let frameTime = Self(0x0018, 0x1063)
  package static let frameTimeVector = Self(0x0018, 0x1065)
  package static let gantryDetectorTilt = Self(0x0018, 0x1120)
  package static let imagerPixelSpacing = Self(0x0018, 0x1164)
  package static let viewPosition = Self(0x0018, 0x5101)
  package static let effectiveEchoTime = Self(0x0018, 0x9082)
  package static let diffusionBValue = Self(0x0018, 0x9087)
  package static let diffusionDirectionality = Self(0x0018, 0x9075)
  package static let mrDiffusionSequence = Self(0x0018, 0x9117)
  package static let mrEchoSequence = Self(0x0018, 0x9114)
  package static let mrTimingSequence = Self(0x0018, 0x9112)
  package static let cardiacSynchronizationSequence = Self(0x0018, 0x9118)
  package static let nominalCardiacTriggerDelayTime = Self(0x0020, 0x9153)

  package static let studyInstanceUID = Self(0x0020, 0x000d)
  package static let seriesInstanceUID = Self(0x0020, 0x000e)
  package static let seriesNumber = Self(0x0020, 0x0011)
  package static let acquisitionNumber = Self(0x0020, 0x0012)
  package static let instanceNumber = Self(0x0020, 0x0013)
  package static let imagePosition = Self(0x0020, 0x0032)
  package static let imageOrientation = Self(0x0020, 0x0037)
  package static let temporalPositionIdentifier = Self(0x0020, 0x0100)
  package static let sliceLocation = Self(0x0020, 0x1041)
  package static let stackID = Self(0x0020, 0x9056)
  package static let inStackPosition = Self(0x0020, 0x9057)
  package static let frameAcquisitionNumber = Self(0x0020, 0x9156)
  package static let frameAcquisitionDateTime = Self(0x0018, 0x9074)
  package static let temporalPositionIndex = Self(0x0020, 0x9128)
  package static let frameContentSequence = Self(0x0020, 0x9111)
  package static let planePositionSequence = Self(0x0020, 0x9113)
  package static let planeOrientationSequence = Self(0x0020, 0x9116)

  package static let samplesPerPixel = Self(0x0028, 0x0002)
  package static let photometricInterpretation = Self(0x0028, 0x0004)
  package static let planarConfiguration = Self(0x0028, 0x0006)
  package static let numberOfFrames = Self(0x0028, 0x0008)
  package static let frameIncrementPointer = Self(0x0028, 0x0009)
  package static let rows = Self(0x0028, 0x0010)
  package static let columns = Self(0x0028, 0x0011)
  package static let pixelSpacing = Self(0x0028, 0x0030)
  package static let bitsAllocated = Self(0x0028, 0x0100)
  package static let bitsStored = Self(0x0028, 0x0101)
  package static let highBit = Self(0x0028, 0x0102)
  package static let pixelRepresentation = Self(0x0028, 0x0103)
  package static let pixelPaddingValue = Self(0x0028, 0x0120)
  package static let pixelPaddingRangeLimit = Self(0x0028, 0x0121)
  package static let floatPixelPaddingValue = Self(0x0028, 0x0122)
  package static let doublePixelPaddingValue = Self(0x0028, 0x0123)
  package static let floatPixelPaddingRangeLimit = Self(0x0028, 0x0124)
  package static let doublePixelPaddingRangeLimit = Self(0x0028, 0x0125)
  package static let windowCentre = Self(0x0028, 0x1050)
  package static let windowWidth = Self(0x0028, 0x1051)
  package static let rescaleIntercept = Self(0x0028, 0x1052)
  package static let rescaleSlope = Self(0x0028, 0x1053)
  package static let voiLUTFunction = Self(0x0028, 0x1056)
  package static let modalityLUTSequence = Self(0x0028, 0x3000)
  package static let lutDescriptor = Self(0x0028, 0x3002)
  package static let lutData = Self(0x0028, 0x3006)
  package static let voiLUTSequence = Self(0x0028, 0x3010)
  package static let pixelMeasuresSequence = Self(0x0028, 0x9110)
  package static let frameVOILUTSequence = Self(0x0028, 0x9132)
  package static let pixelValueTransformationSequence = Self(0x0028, 0x9145)
  package static let presentationLUTSequence = Self(0x2050, 0x0010)
  package static let presentationLUTShape = Self(0x2050, 0x0020)

  package static let sliceVector = Self(0x0054, 0x0080)
  package static let gridFrameOffsetVector = Self(0x3004, 0x000c)
  package static let planePositionSlideSequence = Self(0x0048, 0x021a)
  package static let sharedFunctionalGroups = Self(0x5200, 0x9229)
  package static let perFrameFunctionalGroups = Self(0x5200, 0x9230)

  package static let extendedOffsetTable = Self(0x7fe0, 0x0001)
  package static let extendedOffsetTableLengths = Self(0x7fe0, 0x0002)
  package static let floatPixelData = Self(0x7fe0, 0x0008)
  package static let doublePixelData = Self(0x7fe0, 0x0009)
  package static let pixelData = Self(0x7fe0, 0x0010)

  static let item = Self(0xfffe, 0xe000)
  static let itemDelimiter = Self(0xfffe, 0xe00d)
  static let sequenceDelimiter = Self(0xfffe, 0xe0dd)

  /// Descriptor, data and segmented data of the red, green and blue palette.
  package static let palettes: [(descriptor: Self, data: Self, segmented: Self)] = [0, 1, 2].map {
    (Self(0x0028, 0x1101 + $0), Self(0x0028, 0x1201 + $0), Self(0x0028, 0x1221 + $0))
  }

  /// The representation of those of the above that are no text, for implicit encoding (PS3.6).
  var usualRepresentation: DICOMRepresentation {
    switch self {
    case .samplesPerPixel, .planarConfiguration, .rows, .columns, .bitsAllocated, .bitsStored, .highBit,
      .pixelRepresentation, .pixelPaddingValue, .pixelPaddingRangeLimit, .lutDescriptor, .lutData:
      .unsignedShort
    case .inStackPosition, .temporalPositionIndex, .effectiveEchoTime, .diffusionBValue,
      .nominalCardiacTriggerDelayTime:
      self == .inStackPosition || self == .temporalPositionIndex ? DICOMRepresentation("UL") : DICOMRepresentation("FD")
    case .floatPixelPaddingValue, .floatPixelPaddingRangeLimit: DICOMRepresentation("FL")
    case .doublePixelPaddingValue, .doublePixelPaddingRangeLimit: DICOMRepresentation("FD")
    case .frameIncrementPointer: DICOMRepresentation("AT")
    case .extendedOffsetTable, .extendedOffsetTableLengths: DICOMRepresentation("OV")
    case .pixelData: .otherWord
    case .floatPixelData: DICOMRepresentation("OF")
    case .doublePixelData: DICOMRepresentation("OD")
    default:
      group == 0x0028 && (0x1101...0x1223).contains(element) ? .unsignedShort : .none
    }
  }
}
