/// What is true of single frames of a multi-frame file: the items of its functional groups (PS3.3 C.7.6.16).
package struct FunctionalGroups: Sendable {
  /// Item of the Shared Functional Groups Sequence.
  package let shared: DICOMDataSet?
  private let perFrame: DICOMSequence?
  private let root: DICOMDataSet

  package init(_ root: DICOMDataSet) {
    self.root = root
    shared = root.sequence(.sharedFunctionalGroups).flatMap { sequence in sequence.items.first.map(sequence.dataSet) }
    perFrame = root.sequence(.perFrameFunctionalGroups)
  }

  /// Items of the Per-Frame Functional Groups Sequence.
  package var count: Int { perFrame?.items.count ?? 0 }

  /// The item of one frame; nil where there is none. - Complexity: O(its elements).
  package func frame(_ index: Int) -> DICOMDataSet? {
    guard let perFrame, index >= 0, index < perFrame.items.count else { return nil }
    return perFrame.dataSet(perFrame.items[index])
  }

  /// Where attributes of a frame stand, nearest first: macros of the frame, macros of all frames, the file.
  package func dataSets(forFrame index: Int) -> [DICOMDataSet] {
    [frame(index), shared].compactMap { $0 }.flatMap { group in
      FunctionalGroups.macros.compactMap { macro in
        group.sequence(macro).flatMap { sequence in sequence.items.first.map(sequence.dataSet) }
      }
    } + [root]
  }

  /// The macros whose attributes mean what they mean in files of one frame.
  private static let macros: [DICOMTag] = [
    .pixelValueTransformationSequence, .frameVOILUTSequence, .pixelMeasuresSequence, .planePositionSequence,
    .planeOrientationSequence, .frameContentSequence, .mrDiffusionSequence, .mrEchoSequence, .mrTimingSequence,
    .cardiacSynchronizationSequence, .planePositionSlideSequence,
  ]
}

extension [DICOMDataSet] {
  /// The first number of the nearest level that has one.
  package func number(_ tag: DICOMTag) -> Double? { lazy.compactMap { $0.number(tag) }.first }

  /// The numbers of the nearest level that has any.
  package func numbers(_ tag: DICOMTag) -> [Double] { lazy.map { $0.numbers(tag) }.first { !$0.isEmpty } ?? [] }

  /// The text of the nearest level that has one.
  package func text(_ tag: DICOMTag) -> String { lazy.map { $0.text(tag) }.first { !$0.isEmpty } ?? "" }
}
