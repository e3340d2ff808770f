public import Clustering
public import Foundation
public import Insight
public import Records

/// All that the page says, as plain values: the caller reads artefacts and fills this in, `ReportPage` turns it into HTML.
///
/// Row `i` of every list is image `i`. Empty lists and nil leave their section out.
public struct Report: Sendable {
  /// The archive's name, for the heading.
  public var title: String
  /// One a row, in the order of the embeddings.
  public var images: [ImageRecord]
  public var rejections: [Rejection]
  /// Whether images were read from files; not so for vectors that were given.
  public var hasFiles = true
  /// Where each image lies on the map, a row an image in any unit; empty: no map.
  public var map: [SIMD2<Float>]
  /// What the two axes are: "First two principal components, 41 % of the variance".
  public var mapCaption: String
  /// In recipe order; the last is the one the archive is sorted by.
  public var clusterings: [ClusteringStep]
  public var agreements: [StepAgreement]
  public var verdict: Verdict
  public var nextSteps: [NextStep]
  /// The same settings on other features, to compare with; needs truth.
  public var baselines: [Baseline]
  public var training: TrainingCurve?
  /// Images that training was not to see.
  public var heldOut = 0
  /// Shares of variance by component, the largest first; empty: no PCA.
  public var explainedVarianceRatio: [Double]
  /// The parameters in force, in recipe order.
  public var steps: [StepRecord]
  /// Versions, digests, machine-independent facts of the run: name and value.
  public var facts: [NamedValue]
  /// Shell lines that make this page again.
  public var commands: [String]
  public var thumbnails: Thumbnails

  public init(title: String, images: [ImageRecord], verdict: Verdict) {
    self.title = title
    self.images = images
    self.verdict = verdict
    rejections = []
    map = []
    mapCaption = ""
    clusterings = []
    agreements = []
    nextSteps = []
    baselines = []
    training = nil
    explainedVarianceRatio = []
    steps = []
    facts = []
    commands = []
    thumbnails = .files(folder: "thumbs")
  }

  /// Where the small pictures are.
  public enum Thumbnails: Sendable {
    /// `folder/<id>.jpg` beside the page; a picture that is missing shows as a grey tile.
    case files(folder: String)
    /// In the page itself, as JPEG, by row: for a single file to send on. Rows without one show a grey tile.
    case embedded([Int: Data])
  }

  /// One clustering of the archive.
  public struct ClusteringStep: Sendable {
    /// The step's name in the recipe; also the `<step>` of `labels-<step>.csv`.
    public var name: String
    /// "k-means", "HDBSCAN".
    public var method: String
    public var partition: Partition
    public var summary: PartitionSummary
    /// One a group, or empty.
    public var profiles: [MetadataProfile]
    /// Validity measures beside those in `summary`: DBCV and the like.
    public var measures: [NamedNumber]
    public var truth: TruthComparison?
    /// What a reviewer called each group; empty where nobody did.
    public var names: [String?] = []
    /// What was found about how many groups there are; nil where that was not asked.
    public var count: CountSentence?

    public init(
      name: String, method: String, partition: Partition, summary: PartitionSummary, profiles: [MetadataProfile] = [],
      measures: [NamedNumber] = [], truth: TruthComparison? = nil
    ) {
      precondition(partition.labels.count == summary.rows, "\(partition.labels.count) labels, \(summary.rows) rows")
      self.name = name
      self.method = method
      self.partition = partition
      self.summary = summary
      self.profiles = profiles
      self.measures = measures
      self.truth = truth
    }
  }

  /// How two clusterings agree, by step name.
  public struct StepAgreement: Sendable {
    public var first: String
    public var second: String
    public var agreement: Agreement

    public init(first: String, second: String, agreement: Agreement) {
      self.first = first
      self.second = second
      self.agreement = agreement
    }
  }

  /// What the same clustering reaches on other features: raw pixels, the untrained network, file facts alone.
  public struct Baseline: Sendable, Hashable {
    public var name: String
    /// The clustering step it is to be compared with.
    public var step: String
    public var scores: TruthComparison.Scores

    public init(name: String, step: String, scores: TruthComparison.Scores) {
      self.name = name
      self.step = step
      self.scores = scores
    }
  }

  /// The course of self-supervised training; all lists of one length.
  public struct TrainingCurve: Sendable, Hashable {
    /// Epochs done, fractions allowed, ascending.
    public var epoch: [Double]
    public var loss: [Double]
    /// Nats, of the teacher's mean output; near 0 or near `greatestEntropy` is collapse.
    public var teacherEntropy: [Double]
    /// ln of the number of prototypes.
    public var greatestEntropy: Double
    /// What the monitor said in the end, in words.
    public var verdict: String
    /// Nats, of the student from the teacher. This and the next two are empty where they were not measured.
    public var divergence: [Double]
    /// Directions in which the teacher's features of a batch differ.
    public var effectiveRank: [Double]
    /// Share of images whose second view is the nearest to their first in the batch, 0…1.
    public var viewRetrieval: [Double]
    /// What the monitors warned of: diagnosis and advice, a text each.
    public var alarms: [String]
    /// What training is compared with, and the trained network last; empty: not measured.
    public var contenders: [Contender]
    /// What known labels say of training, in words; nil without truth.
    public var labelVerdict: String?

    public init(
      epoch: [Double], loss: [Double], teacherEntropy: [Double], greatestEntropy: Double, verdict: String,
      divergence: [Double] = [], effectiveRank: [Double] = [], viewRetrieval: [Double] = [], alarms: [String] = [],
      contenders: [Contender] = [], labelVerdict: String? = nil
    ) {
      precondition(
        [loss.count, teacherEntropy.count].allSatisfy { $0 == epoch.count }
          && [divergence.count, effectiveRank.count, viewRetrieval.count].allSatisfy { $0 == epoch.count || $0 == 0 },
        "curves of unequal length")
      self.epoch = epoch
      self.loss = loss
      self.teacherEntropy = teacherEntropy
      self.greatestEntropy = greatestEntropy
      self.verdict = verdict
      self.divergence = divergence
      self.effectiveRank = effectiveRank
      self.viewRetrieval = viewRetrieval
      self.alarms = alarms
      self.contenders = contenders
      self.labelVerdict = labelVerdict
    }
  }

  /// One way to see the archive, measured on a sample without labels and, where there are any, with them.
  public struct Contender: Sendable, Hashable {
    public var name: String
    /// Where in the network its vectors were taken; empty for pixels.
    public var place: String
    /// Share of nearest neighbours that stay when images are varied, and of varied images nearest to their own plain one, 0…1.
    public var neighborsKept: Double
    public var viewRetrieval: Double
    /// Adjusted Rand index of groups of random halves with those of the whole.
    public var stability: Double
    public var effectiveRank: Double
    public var labels: LabelScores?

    /// k-NN accuracy, leave-one-out, and the adjusted Rand index of k-means into as many groups as there are kinds.
    public struct LabelScores: Sendable, Hashable {
      public var neighborAccuracy: Double
      public var adjustedRandIndex: Double

      public init(neighborAccuracy: Double, adjustedRandIndex: Double) {
        self.neighborAccuracy = neighborAccuracy
        self.adjustedRandIndex = adjustedRandIndex
      }
    }

    public init(
      name: String, place: String, neighborsKept: Double, viewRetrieval: Double, stability: Double,
      effectiveRank: Double, labels: LabelScores? = nil
    ) {
      self.name = name
      self.place = place
      self.neighborsKept = neighborsKept
      self.viewRetrieval = viewRetrieval
      self.stability = stability
      self.effectiveRank = effectiveRank
      self.labels = labels
    }
  }

  /// One step of the recipe as it ran.
  public struct StepRecord: Sendable, Hashable {
    public var name: String
    public var stage: String
    /// Every parameter in force, defaults included.
    public var parameters: [NamedValue]
    /// SHA-256 of what it wrote, or of its fingerprint; may be empty.
    public var digest: String

    public init(name: String, stage: String, parameters: [NamedValue], digest: String = "") {
      self.name = name
      self.stage = stage
      self.parameters = parameters
      self.digest = digest
    }
  }

  public struct NamedValue: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public struct NamedNumber: Sendable, Hashable {
    public var name: String
    public var value: Double

    public init(_ name: String, _ value: Double) {
      self.name = name
      self.value = value
    }
  }
}
