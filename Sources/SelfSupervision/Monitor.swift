/// The numbers of one training step, for curves and for alarms.
public struct Monitor: Codable, Hashable, Sendable {
  /// From 0.
  public var epoch: Int
  /// From 0, over the whole run.
  public var step: Int
  /// Mean over the batch, in nats. It lies near ln K when nothing is learnt.
  public var loss: Double
  /// Mean entropy of the teacher's softmax, in nats: near ln K or near 0 for long means collapse.
  public var teacherEntropy: Double
  /// Mean KL(P_t ‖ P_s), the loss less the entropy.
  public var divergence: Double
  /// iBOT's term, the mean over hidden patches, not weighted. nil without it.
  public var ibot: Double?
  /// The KoLeo regulariser over both global crops, not weighted: large when images lie close together. nil without the term.
  public var koleo: Double?
  /// The largest norm of one tensor's gradient before clipping.
  public var largestGradient: Double
  public var learningRate: Double
  public var weightDecay: Double
  public var teacherMomentum: Double
  public var teacherTemperature: Double
  // Absent from histories of before they were measured.
  /// How far the step moved the centre of the teacher's outputs, relative to its length.
  public var centerDrift: Double?
  /// In how many directions the teacher's class features of the batch's global crops differ: the participation ratio of their covariance. Near 1, or
  /// 0 where they are all alike, it means collapse.
  public var effectiveRank: Double?
  /// The share of images whose second global crop is, for the teacher, nearer to their first than that of any other image of the batch.
  public var viewRetrieval: Double?
  /// The share of the batch's global crops that the prototype of most crops wins.
  public var largestShare: Double?
  /// How many prototypes have won a crop since the epoch began; in an epoch's last step, in the whole epoch.
  public var prototypesUsed: Int?

  public init(
    epoch: Int, step: Int, loss: Double, teacherEntropy: Double, divergence: Double, ibot: Double? = nil,
    koleo: Double?,
    largestGradient: Double,
    learningRate: Double, weightDecay: Double, teacherMomentum: Double, teacherTemperature: Double,
    centerDrift: Double? = nil, effectiveRank: Double? = nil, viewRetrieval: Double? = nil,
    largestShare: Double? = nil, prototypesUsed: Int? = nil
  ) {
    self.epoch = epoch
    self.step = step
    self.loss = loss
    self.teacherEntropy = teacherEntropy
    self.divergence = divergence
    self.ibot = ibot
    self.koleo = koleo
    self.largestGradient = largestGradient
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.teacherMomentum = teacherMomentum
    self.teacherTemperature = teacherTemperature
    self.centerDrift = centerDrift
    self.effectiveRank = effectiveRank
    self.viewRetrieval = viewRetrieval
    self.largestShare = largestShare
    self.prototypesUsed = prototypesUsed
  }
}

/// How far a run is, after each step.
public struct Progress: Sendable {
  /// From 0.
  public let epoch: Int
  public let epochs: Int
  /// Steps done, of `steps`.
  public let step: Int
  public let steps: Int
  /// Images seen so far (each epoch counts anew), of `images`.
  public let imagesDone: Int
  public let images: Int
  public let loss: Double
  public let learningRate: Double
  public let teacherEntropy: Double
  /// Raised so far.
  public let alarms: [RaisedAlarm]
}
