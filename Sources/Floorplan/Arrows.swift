/// Who may import whom. A new arrow is a decision: it is made here, in the same change as the `import` that needs it.
///
/// Rooms come lowest first, and each names only rooms above it in this list, or borders of `Foreign`. What is declared need not be used.
package struct Arrows: Sendable {
  package struct Rule: Sendable {
    package let room: String
    package let mayImport: [String]
  }

  package let rules: [Rule]

  package init(_ rules: [(room: String, mayImport: [String])]) {
    self.rules = rules.map { Rule(room: $0.room, mayImport: $0.mayImport) }
  }

  /// Stands for every room declared before.
  package static let everythingBelow = "everything below"

  private static let decoders = [
    "CTurboJPEG", "CVips", "CGDCM", "COpenSlide", "CFFmpeg", "CFFmpegLibraries", "CZlib", "CDeflate", "CArchive",
    "COpenJPEG", "CCharLS", "CJPEGXL", "CCodecs", "CTIFF",
  ]

  package static let ofTheHouse = Arrows([
    ("Kernels", []),
    ("Pipeline", []),
    ("Floorplan", []),
    ("Tensors", ["Kernels", "COpenBLAS", "CLAPACKE"]),
    ("Records", ["Tensors"]),
    ("Storage", ["Records", "Tensors", "CHDF5", "CZlib"]),
    ("Imaging", ["Records", "Tensors", "Kernels"] + decoders),
    ("Phantom", ["Imaging", "Tensors", "Records"]),
    ("Augmentation", ["Tensors", "Kernels"]),
    ("VisionModels", ["Tensors", "Kernels"]),
    ("Reduction", ["Tensors"]),
    ("SelfSupervision", ["VisionModels", "Augmentation", "Reduction", "Tensors", "Kernels"]),
    ("Clustering", ["Tensors"]),
    ("Insight", ["Clustering", "Records", "Tensors"]),
    ("Reporting", ["Insight", "Clustering", "Records"]),
    ("LocalServer", ["Reporting", "Pipeline", "Storage"]),
    ("Stages", [everythingBelow]),
    (
      "CLI",
      [
        "Stages", "LocalServer", "Pipeline", "Phantom", "Storage", "Imaging", "Augmentation", "Records", "Tensors",
        "Kernels",
      ]
    ),
  ])

  /// The rooms that `room` may import; nil if it isn't declared at all.
  package func allowed(for room: String) -> Set<String>? {
    guard let place = rules.firstIndex(where: { $0.room == room }) else { return nil }
    var names = Set(rules[place].mayImport)
    if names.remove(Arrows.everythingBelow) != nil { names.formUnion(rules[..<place].map(\.room)) }
    return names
  }
}
