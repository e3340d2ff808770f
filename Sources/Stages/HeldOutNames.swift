package import Storage

/// Which images somebody wants held out, by the names they have outside of the archive or in its manifest.
package struct HeldOutNames: Sendable, Equatable {
  /// Ids of images; that of a file of several pictures stands for all of them.
  package var ids: [String]
  /// As the manifest names them.
  package var patients: [String]
  package var table: SplitTable?
  package var missingPatient: MissingPatient
  /// Whether names that no image bears are passed over, as a split of a larger data set has them.
  package var passesOverUnmatched: Bool

  /// What becomes of images that name no patient, of which nobody can tell whose they are.
  package enum MissingPatient: String, Sendable, CaseIterable {
    case fail
    /// They are held out too.
    case exclude
    /// Each is taken for a patient of its own, as far as study, series and file don't say otherwise.
    case keep
  }

  package init(
    ids: [String] = [], patients: [String] = [], table: SplitTable? = nil, missingPatient: MissingPatient = .fail,
    passesOverUnmatched: Bool = false
  ) {
    self.ids = ids
    self.patients = patients
    self.table = table
    self.missingPatient = missingPatient
    self.passesOverUnmatched = passesOverUnmatched
  }
}
