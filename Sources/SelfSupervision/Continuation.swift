extension DINO.Configuration {
  /// The defaults for a network that has learnt elsewhere and is to keep it.
  ///
  /// The backbone learns at a tenth of the rate from scratch: 5e-5 at 64 images a step, which is DINOv2's 2e-4 · √(batch/1024) for large networks.
  /// The head is new and learns at the full rate. Layer-wise decay and the patches' factor are DINOv2's (arXiv 2304.07193, and its published
  /// settings): what all images share, low in the network, is left nearly alone. The teacher, which is what a run leaves, remembers its
  /// beginning, and at first the head learns alone, so that its first gradients, which mean nothing, reach no trained tensor.
  public static var continuing: Self {
    var made = Self()
    made.startsFromWeights = true
    made.backboneRate = 0.1
    made.layerwiseDecay = 0.9
    made.patchEmbeddingRate = 0.2
    return made
  }

  /// Epochs in which only the head learns. A run of one epoch has none to spare.
  var headWarmup: Int {
    min(headWarmupEpochs ?? (startsFromWeights && epochs > 1 ? max(1, epochs / 10) : 0), epochs)
  }
}
