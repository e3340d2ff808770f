/// The graph of a recipe: every input names a step of the right kind, and no step reads itself.
extension RecipeCheck {
  /// Checks that inputs name steps of the right kinds, and finds an order; nil where there is a loop.
  mutating func order(_ steps: [StepDraft]) -> [Int]? {
    let names = steps.map(\.name)
    for step in steps {
      for (slot, inputs) in step.inputs {
        for input in inputs {
          guard let source = steps.first(where: { $0.name == input.name }) else {
            let others = names.filter { $0 != step.name }
            refuse(
              input.origin,
              "step \"\(step.name)\": \(slot.name) names an unknown step \"\(input.name)\""
                + NearestName.hint(input.name, among: others))
            continue
          }
          if source.name == step.name { continue }
          if let made = source.type?.output, !slot.kinds.contains(made) { refuse(step, slot, input, made, steps) }
        }
      }
    }
    if let loop = loop(steps) {
      let first = steps.first { $0.name == loop[0] }!
      let input = first.inputs.flatMap(\.steps).first { $0.name == loop[1] }!
      refuse(input.origin, "a loop: " + loop.joined(separator: " reads "))
      return nil
    }
    var order: [Int] = []
    while order.count < steps.count {
      let done = Set(order.map { steps[$0].name })
      let next = steps.indices.first { index in
        !order.contains(index)
          && steps[index].inputs.allSatisfy {
            $0.steps.allSatisfy { done.contains($0.name) || !names.contains($0.name) }
          }
      }
      order.append(next!)
    }
    return order
  }

  private mutating func refuse(
    _ step: StepDraft, _ slot: Slot, _ input: (name: String, origin: RecipeOrigin), _ made: ArtifactKind,
    _ steps: [StepDraft]
  ) {
    let fitting = steps.filter { $0.name != step.name && $0.type.map { slot.kinds.contains($0.output) } ?? false }
    let hint = fitting.isEmpty ? "" : "; these do: " + fitting.map(\.name).joined(separator: ", ")
    refuse(
      input.origin,
      "step \"\(step.name)\": \(slot.name) wants \(RecipeCheck.list(slot.kinds)), but \"\(input.name)\" makes \(made.name)\(hint)"
    )
  }

  /// The first loop by the order of the recipe, its first step repeated at the end; nil where there is none.
  private func loop(_ steps: [StepDraft]) -> [String]? {
    var finished: Set<String> = []
    func search(_ name: String, _ path: [String]) -> [String]? {
      if let start = path.firstIndex(of: name) { return path[start...] + [name] }
      guard !finished.contains(name), let step = steps.first(where: { $0.name == name }) else { return nil }
      for input in step.inputs.flatMap(\.steps) {
        if let loop = search(input.name, path + [name]) { return loop }
      }
      finished.insert(name)
      return nil
    }
    for step in steps {
      if let loop = search(step.name, []) { return loop }
    }
    return nil
  }
}
