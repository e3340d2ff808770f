public import Foundation
import Imaging
import Synchronization
public import Tensors

/// A made-up archive of medical images with known kinds: the demonstration, and the ground truth of tests.
///
///     let summary = try PhantomArchive(images: 700, seed: Seed(7)).write(to: folder, workers: WorkerPool(threads: 2))
///
/// Four kinds of radiograph as 16-bit DICOM and three of tissue as PNG and TIFF, from four hospitals with a look each. It
/// holds repeated files, retaken pictures and files that cannot be read. Under `folder`:
///
///     images/…      the archive; names say nothing of what is shown
///     labels.csv    path,label,family,patient,site,duplicate_of,broken,duplicate_kind   (paths relative to images/)
///
/// Equal `images` and `seed` make equal bytes, at any number of threads.
public struct PhantomArchive: Sendable {
  public let images: Int
  public let seed: Seed

  /// - Parameter images: readable files, repetitions among them; about one broken file in fifty comes on top.
  /// - Precondition: `images >= 35`, so that every kind occurs and can be repeated.
  public init(images: Int = 700, seed: Seed = Seed(7)) {
    precondition(images >= 35, "an archive of \(images) images; 35 is the least")
    self.images = images
    self.seed = seed
  }

  /// An archive that cannot be put where it should go.
  public enum Failure: Error, Equatable {
    /// There are files in `path` already; they might be someone's.
    case folderInUse(path: String)
  }

  /// Draws and writes the archive. `progress` hears of (files done, files in all), from any thread, never two at once.
  /// - Throws: `Failure`, `DICOMWriter.Failure`, `RasterWriter.Failure`, and Foundation's errors of files.
  @discardableResult
  public func write(
    to folder: URL, workers: WorkerPool, progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws -> PhantomSummary {
    let root = folder.appending(path: "images")
    let manager = FileManager.default
    if let held = try? manager.contentsOfDirectory(atPath: root.path), !held.isEmpty {
      throw Failure.folderInUse(path: root.path)
    }
    let plan = ArchivePlan(images: images, seed: seed)
    for parent in Set(plan.files.map { ($0.path as NSString).deletingLastPathComponent }).sorted() {
      try manager.createDirectory(at: root.appending(path: parent), withIntermediateDirectories: true)
    }
    let done = Mutex(0)
    // Pictures first; then what is made from the bytes of a written file.
    let (drawn, derived) = plan.files.indices.reduce(into: ([Int](), [Int]())) { lists, i in
      if case .drawn = plan.files[i].content { lists.0.append(i) } else { lists.1.append(i) }
    }
    for list in [drawn, derived] {
      try workers.runThrowing(jobs: list.count) { job, _ in
        try write(list[job], of: plan, into: root)
        done.withLock {
          $0 += 1
          progress($0, plan.files.count)
        }
      }
    }
    try Data(labels(plan).utf8).write(to: folder.appending(path: "labels.csv"))
    return PhantomSummary(plan)
  }

  private func write(_ index: Int, of plan: ArchivePlan, into root: URL) throws {
    let file = plan.files[index]
    let target = root.appending(path: file.path)
    switch file.content {
    case .drawn(let picture, let retake):
      try draw(
        file, picture: picture, retake: retake, identity: seed.split("file").split(index), to: target)
    case .copy:
      try Data(contentsOf: root.appending(path: plan.files[file.source!].path)).write(to: target)
    case .broken(let damage):
      try Damaged.write(
        damage, like: plan.files[file.source!], in: root, seed: seed.split("damage").split(index), to: target)
    }
  }

  private func draw(
    _ file: PlannedFile, picture: Seed, retake: Radiograph.Retake?, identity: Seed, to target: URL
  ) throws {
    guard let kind = file.kind else { preconditionFailure("a drawn file shows something") }
    let site = Site.all[file.patient.site]
    var random = picture.generator()
    switch kind.family {
    case .radiograph:
      let room = site.radiography
      let film = Radiograph.taken(of: kind, in: room, retake: retake, &random)
      let header = DICOMHeader(film, kind: kind, patient: file.patient, picture: picture, identity: identity)
      let recoded: DICOMWriter.Encoding = room.encoding == .explicitLittleEndian ? .runLength : .explicitLittleEndian
      try DICOMWriter.write(
        pixels: .init(
          width: film.width, height: film.height, bitsStored: room.bitsStored, isInverted: room.isInverted,
          samples: film.pixels),
        attributes: header.attributes, encoding: file.isRecoded ? recoded : room.encoding, to: target)
    case .pathology:
      let field = StainedField.scanned(of: kind, by: site.scanner, retake: retake, &random)
      let isPNG = (site.scanner.format == .png) != file.isRecoded
      try RasterWriter.write(
        field.pixels, width: field.width, height: field.height, as: isPNG ? .png : .tiff, to: target)
    }
  }

  /// No field holds a comma or a quote.
  private func labels(_ plan: ArchivePlan) -> String {
    let rows = plan.files.map { file in
      var damage = ""
      if case .broken(let what) = file.content { damage = what.rawValue }
      let repeated = file.repetition == nil ? "" : plan.files[file.source!].path
      return [
        file.path, file.kind?.rawValue ?? "", file.kind?.family.rawValue ?? "", file.patient.id,
        Site.all[file.patient.site].name, repeated, damage, file.repetition?.rawValue ?? "",
      ].joined(separator: ",")
    }
    return "path,label,family,patient,site,duplicate_of,broken,duplicate_kind\n" + rows.sorted().joined(separator: "\n")
      + "\n"
  }
}

/// What an archive holds, in numbers.
public struct PhantomSummary: Sendable, Equatable {
  /// All files, and those of them that cannot be read.
  public let files, broken: Int
  /// Readable files of each kind, in the order of the kinds.
  public let kinds: [(name: String, count: Int)]
  /// Files with another's bytes, with another's pixels, and slightly changed takes of another.
  public let copies, recoded, retakes: Int
  public let patients, sites: Int

  init(_ plan: ArchivePlan) {
    var counts: [Kind: Int] = [:]
    var broken = 0
    for file in plan.files {
      if case .broken = file.content { broken += 1 } else { counts[file.kind!, default: 0] += 1 }
    }
    files = plan.files.count
    self.broken = broken
    kinds = Kind.allCases.map { ($0.rawValue, counts[$0, default: 0]) }
    copies = plan.files.count { $0.repetition == .bytes }
    recoded = plan.files.count { $0.repetition == .pixels }
    retakes = plan.files.count { $0.repetition == .near }
    patients = Set(plan.files.map(\.patient.id)).count
    sites = Set(plan.files.map(\.patient.site)).count
  }

  public static func == (a: PhantomSummary, b: PhantomSummary) -> Bool {
    a.files == b.files && a.broken == b.broken && a.kinds.elementsEqual(b.kinds, by: ==) && a.copies == b.copies
      && a.recoded == b.recoded && a.retakes == b.retakes && a.patients == b.patients && a.sites == b.sites
  }
}
