import Tensors

/// Who was examined where: patients keep to one hospital and one department.
struct Patient: Sendable {
  let id: String
  let site: Int
  let folder: String
  let seed: Seed
}

/// One file of the archive before anything is drawn.
struct PlannedFile: Sendable {
  enum Content: Sendable {
    /// A picture drawn from `seed`; two files of one seed show the same pixels.
    case drawn(seed: Seed, retake: Radiograph.Retake?)
    /// The bytes of another file.
    case copy
    case broken(Damage)
  }

  enum Damage: String, CaseIterable, Sendable {
    case truncatedDICOM = "truncated_dicom"
    case empty = "empty"
    case textNamedDICOM = "text"
    case truncatedPNG = "truncated_png"
    case documentHeader = "pdf"
    case withoutPixels = "no_pixels"
  }

  var path: String
  let kind: Kind?
  let patient: Patient
  let content: Content
  /// The file this one repeats or was cut from, as its place in the plan.
  var source: Int?
  var repetition: Repetition?
  /// A repetition in other clothes: TIFF for PNG, another transfer syntax.
  var isRecoded = false

  enum Repetition: String, Sendable { case bytes, pixels, near }
}

/// Every file of an archive: kinds dealt evenly, pictures given to patients, patients to sites, then repetitions and damage.
struct ArchivePlan: Sendable {
  private(set) var files: [PlannedFile] = []

  /// `images` readable files, repetitions among them, and about one broken file in fifty on top.
  init(images: Int, seed: Seed) {
    var random = seed.split("plan").generator()
    let copies = max(1, images / 50)
    let recoded = max(1, images / 100)
    let retakes = max(1, images * 3 / 100)
    let kinds = Kind.allCases
    let originals = images - copies - recoded - retakes
    var order = (0..<originals).map { kinds[$0 % kinds.count] }
    random.shuffle(&order)
    addOriginals(order, seed: seed, &random)

    // Repetitions carry the deal of kinds on, each from an original of its kind.
    for i in 0..<copies + recoded + retakes {
      let kind = kinds[(originals + i) % kinds.count]
      let candidates = files.indices.filter { files[$0].kind == kind && files[$0].source == nil }
      let source = candidates[random.integer(below: candidates.count)]
      let repetition: PlannedFile.Repetition = i < copies ? .bytes : i < copies + recoded ? .pixels : .near
      addRepetition(repetition, of: source, &random)
    }
    addDamage(max(PlannedFile.Damage.allCases.count, images / 50), originals: originals, &random)
    nameFiles(&random)
  }

  private mutating func addOriginals(_ kinds: [Kind], seed: Seed, _ random: inout RandomGenerator) {
    // Steps of a prime through the numbers: no two patients share one.
    var number = random.integer(below: 900_000)
    for family in [Kind.Family.radiograph, .pathology] {
      var left = 0
      var patient: Patient?
      for (index, kind) in kinds.enumerated() where kind.family == family {
        if left == 0 {
          number = (number + 7919 * (1 + random.integer(below: 40))) % 900_000
          patient = Patient(
            id: "P\(100_000 + number)", site: random.integer(below: Site.all.count),
            folder: String(50_000 + number, radix: 36).uppercased(), seed: seed.split("patient").split(number))
          left = 1 + random.integer(below: 7)
        }
        left -= 1
        files.append(
          PlannedFile(
            path: "", kind: kind, patient: patient!,
            content: .drawn(seed: seed.split("picture").split(index), retake: nil)))
      }
    }
  }

  private mutating func addRepetition(
    _ repetition: PlannedFile.Repetition, of source: Int, _ random: inout RandomGenerator
  ) {
    var file = files[source]
    guard case .drawn(let seed, _) = file.content else { preconditionFailure("file \(source) is not drawn") }
    let content: PlannedFile.Content =
      switch repetition {
      case .bytes: .copy
      case .pixels: .drawn(seed: seed, retake: nil)
      case .near:
        .drawn(
          seed: seed,
          retake: .init(
            x: random.uniform(-4...4), y: random.uniform(-4...4), gamma: exponential(random.uniform(-0.16...0.16))))
      }
    file = PlannedFile(path: "", kind: file.kind, patient: file.patient, content: content)
    file.source = source
    file.repetition = repetition
    file.isRecoded = repetition == .pixels
    files.append(file)
  }

  private mutating func addDamage(_ count: Int, originals: Int, _ random: inout RandomGenerator) {
    let sources = Array(files.indices.prefix(originals))
    func source(_ fits: (PlannedFile) -> Bool, _ random: inout RandomGenerator) -> Int {
      let candidates = sources.filter { fits(files[$0]) }
      let fallback = sources.filter { files[$0].kind?.family == .radiograph }
      let pool = candidates.isEmpty ? fallback : candidates
      return pool[random.integer(below: pool.count)]
    }
    for i in 0..<count {
      let damage = PlannedFile.Damage.allCases[i % PlannedFile.Damage.allCases.count]
      let chosen =
        switch damage {
        case .truncatedDICOM, .withoutPixels, .textNamedDICOM, .empty, .documentHeader:
          source({ $0.kind?.family == .radiograph }, &random)
        case .truncatedPNG:
          source({ $0.kind?.family == .pathology && Site.all[$0.patient.site].scanner.format == .png }, &random)
        }
      let isCut = damage == .truncatedDICOM || damage == .truncatedPNG
      var file = PlannedFile(
        path: "", kind: isCut ? files[chosen].kind : nil, patient: files[chosen].patient, content: .broken(damage))
      file.source = chosen
      files.append(file)
    }
  }

  /// Names that say nothing: numbers in random order, under a folder of the site and one of the patient.
  private mutating func nameFiles(_ random: inout RandomGenerator) {
    var numbers = Array(1...files.count)
    random.shuffle(&numbers)
    for i in files.indices {
      let file = files[i]
      let site = Site.all[file.patient.site]
      let digits = String(1_000_000 + numbers[i]).dropFirst()
      let series = file.patient.site % 2 == 0 ? "S\(1 + random.integer(below: 3))/" : ""
      files[i].path = "\(site.folder)/\(file.patient.folder)/\(series)IM\(digits)\(fileExtension(of: file, site))"
    }
  }

  private func fileExtension(of file: PlannedFile, _ site: Site) -> String {
    if case .broken(let damage) = file.content {
      switch damage {
      case .truncatedDICOM, .withoutPixels, .documentHeader: return site.radiography.fileExtension
      case .empty, .textNamedDICOM: return ".dcm"
      case .truncatedPNG: return ".png"
      }
    }
    if file.kind?.family == .radiograph { return site.radiography.fileExtension }
    return (site.scanner.format == .png) != file.isRecoded ? ".png" : ".tif"
  }
}
