import VisionModels

/// What a learner carries from step to step.
extension Learner {
  /// Whatever a step writes and a later one reads: a part of the loss with a memory of its own adds a line here, and is then kept in
  /// checkpoints and restored from them.
  private var numbers: [TrainingState.Numbers] {
    [
      .init("student", student), .init("teacher", teacher.parameters), .init("adamw.first", optimizer.first),
      .init("adamw.second", optimizer.second), .init("center", centering.center),
    ] + (masked.map { [.init("patch_center", $0.centering.center)] } ?? [])
  }

  /// The same for small whole numbers; `restore` sets each.
  private var counters: [String: [Int]] { ["adamw.steps": optimizer.steps, "prototypes": prototypes.words] }

  func state(after history: [Monitor]) -> TrainingState {
    TrainingState(history: history, counters: counters, numbers: numbers)
  }

  /// - Throws: `KeptStateMismatch` before anything is changed, else what reading the numbers throws.
  func restore(_ kept: some KeptState) throws {
    for (name, values) in counters.sorted(by: { $0.key < $1.key }) where kept.counters[name]?.count != values.count {
      throw KeptStateMismatch(name: name)
    }
    for own in numbers where kept.count(own.name) != own.values.count { throw KeptStateMismatch(name: own.name) }
    for own in numbers {
      let values = try kept.numbers(own.name)
      guard values.count == own.values.count else { throw KeptStateMismatch(name: own.name) }
      _ = own.values.update(from: values)
    }
    prototypes.words = kept.counters["prototypes"]!
    optimizer.steps = kept.counters["adamw.steps"]!
  }
}

extension TrainingState.Numbers {
  fileprivate init(_ name: String, _ buffer: ParameterBuffer) {
    self.init(name: name, values: UnsafeMutableBufferPointer(start: buffer.pointer, count: buffer.count))
  }

  fileprivate init(_ name: String, _ buffer: FloatBuffer) {
    self.init(name: name, values: UnsafeMutableBufferPointer(start: buffer.pointer, count: buffer.count))
  }
}
