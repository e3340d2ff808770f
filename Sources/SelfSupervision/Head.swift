import Kernels
public import Tensors
public import VisionModels

/// DINO's projection head: Linear, GELU, Linear, GELU, Linear to a bottleneck, L2 normalisation, and a last layer without bias whose
/// rows are kept as direction times length (weight normalisation, Salimans and Kingma 2016).
///
/// Like the backbone it holds only where its tensors lie (`head.mlp.{0,2,4}.{weight,bias}`, `head.last_layer.weight_{g,v}`).
/// The last layer's rows g·v/‖v‖ are made once a step by `lastLayer(…)` and passed in, and backward leaves the gradient with respect to
/// those rows in the place of `weight_v`; `GradientSum` turns it into that of g and v, once a step too.
public struct ProjectionHead: Sendable {
  public let input: Int
  public let hidden: Int
  public let bottleneck: Int
  /// K, the number of outputs.
  public let output: Int

  let first: Linear
  let second: Linear
  let third: Linear
  let direction: Range<Int>
  let length: Range<Int>

  static let directionPath = "head.last_layer.weight_v"
  static let lengthPath = "head.last_layer.weight_g"

  /// Appends the head's parameters to a layout.
  public init(input: Int, hidden: Int, bottleneck: Int, output: Int, appendingTo layout: inout ParameterLayout) {
    self.input = input
    self.hidden = hidden
    self.bottleneck = bottleneck
    self.output = output
    first = Linear("head.mlp.0", inputs: input, outputs: hidden, in: &layout)
    second = Linear("head.mlp.2", inputs: hidden, outputs: hidden, in: &layout)
    third = Linear("head.mlp.4", inputs: hidden, outputs: bottleneck, in: &layout)
    length = layout.append(ProjectionHead.lengthPath, [output, 1])
    direction = layout.append(ProjectionHead.directionPath, [output, bottleneck])
  }

  /// The matrices normal with deviation 0.02, biases 0, lengths 1, directions uniform in ±1/√bottleneck (torch's default for a linear layer).
  public func initialize(_ parameters: ParameterBuffer, seed: Seed) {
    for (index, linear) in [first, second, third].enumerated() {
      var generator = seed.split(index).generator()
      for i in linear.weight { parameters.pointer[i] = Float(0.02 * generator.normal()) }
      for i in linear.bias { parameters.pointer[i] = 0 }
    }
    var generator = seed.split("last layer").generator()
    let bound = 1 / Double(bottleneck).squareRoot()
    for i in direction { parameters.pointer[i] = Float(generator.uniform(-bound...bound)) }
    for i in length { parameters.pointer[i] = 1 }
  }

  /// Rows `rows` of the last layer, g·v/‖v‖, into `target` [output, bottleneck].
  func lastLayer(_ parameters: UnsafePointer<Float>, rows: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    for row in rows {
      let out = target + row * bottleneck
      _ = dino_unit(parameters + direction.lowerBound + row * bottleneck, bottleneck, out)
      let g = parameters[length.lowerBound + row]
      if g != 1 { dino_scale(out, bottleneck, g) }
    }
  }

  /// The whole last layer. - Complexity: O(output · bottleneck).
  public func lastLayer(_ parameters: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    lastLayer(parameters, rows: 0..<output, into: target)
  }

  /// What backward needs and the scratch of both directions, for up to `rows` feature vectors; used by one thread at a time.
  public final class Tape: @unchecked Sendable {
    public let rows: Int
    /// [rows, output] after forward.
    public var logits: UnsafePointer<Float> { UnsafePointer(outputs.pointer) }
    let features: FloatBuffer
    let before1: FloatBuffer
    let after1: FloatBuffer
    let before2: FloatBuffer
    let after2: FloatBuffer
    let unit: FloatBuffer
    let norms: FloatBuffer
    let outputs: FloatBuffer
    let dHidden: FloatBuffer
    let dHidden2: FloatBuffer
    let dUnit: FloatBuffer

    init(_ head: ProjectionHead, rows: Int, forTraining: Bool) {
      self.rows = rows
      features = FloatBuffer(rows * head.input)
      before1 = FloatBuffer(rows * head.hidden)
      before2 = FloatBuffer(rows * head.hidden)
      after1 = FloatBuffer(rows * head.hidden)
      after2 = FloatBuffer(rows * head.hidden)
      unit = FloatBuffer(rows * head.bottleneck)
      norms = FloatBuffer(rows)
      outputs = FloatBuffer(rows * head.output)
      dHidden = FloatBuffer(forTraining ? rows * head.hidden : 0)
      dHidden2 = FloatBuffer(forTraining ? rows * head.hidden : 0)
      dUnit = FloatBuffer(forTraining ? rows * head.bottleneck : 0)
    }
  }

  public func makeTape(rows: Int, forTraining: Bool = true) -> Tape { Tape(self, rows: rows, forTraining: forTraining) }

  /// Logits of `count` feature vectors [count, input], left in `tape.logits`.
  /// - Parameter lastLayer: the rows that `lastLayer(_:into:)` made of the same parameters.
  /// - Precondition: `count <= tape.rows`.
  public func forward(
    _ features: UnsafePointer<Float>, count: Int, parameters: UnsafePointer<Float>, lastLayer: UnsafePointer<Float>,
    tape: Tape
  ) {
    precondition(count <= tape.rows, "\(count) feature vectors on a tape for \(tape.rows)")
    tape.features.pointer.update(from: features, count: count * input)
    first.forward(tape.features.pointer, rows: count, parameters: parameters, into: tape.before1.pointer)
    gelu_forward(tape.after1.pointer, tape.before1.pointer, count * hidden)
    second.forward(tape.after1.pointer, rows: count, parameters: parameters, into: tape.before2.pointer)
    gelu_forward(tape.after2.pointer, tape.before2.pointer, count * hidden)
    third.forward(tape.after2.pointer, rows: count, parameters: parameters, into: tape.unit.pointer)
    for row in 0..<count {
      let vector = tape.unit.pointer + row * bottleneck
      tape.norms.pointer[row] = dino_unit(vector, bottleneck, vector)
    }
    BLAS.multiply(
      tape.unit.pointer, lastLayer, transposeB: true, into: tape.outputs.pointer, m: count, n: output, k: bottleneck)
  }

  /// From dLogits [count, output] to dFeatures [count, input]; adds into `gradient` (the layout's), with the gradient of the last
  /// layer's finished rows in the place of `weight_v`.
  public func backward(
    _ dLogits: UnsafePointer<Float>, count: Int, parameters: UnsafePointer<Float>, lastLayer: UnsafePointer<Float>,
    tape: Tape, adding gradient: UnsafeMutablePointer<Float>, into dFeatures: UnsafeMutablePointer<Float>
  ) {
    BLAS.multiply(
      dLogits, transposeA: true, tape.unit.pointer, into: gradient + direction.lowerBound, m: output, n: bottleneck,
      k: count, beta: 1)
    BLAS.multiply(dLogits, lastLayer, into: tape.dUnit.pointer, m: count, n: bottleneck, k: output)
    for row in 0..<count {
      let d = tape.dUnit.pointer + row * bottleneck
      _ = dino_tangent(tape.unit.pointer + row * bottleneck, d, bottleneck, 1 / tape.norms.pointer[row], d)
    }
    third.backward(
      tape.dUnit.pointer, x: tape.after2.pointer, rows: count, parameters: parameters, dx: tape.dHidden.pointer,
      adding: gradient)
    gelu_backward(tape.dHidden.pointer, tape.before2.pointer, count * hidden)
    second.backward(
      tape.dHidden.pointer, x: tape.after1.pointer, rows: count, parameters: parameters, dx: tape.dHidden2.pointer,
      adding: gradient)
    gelu_backward(tape.dHidden2.pointer, tape.before1.pointer, count * hidden)
    first.backward(
      tape.dHidden2.pointer, x: tape.features.pointer, rows: count, parameters: parameters, dx: dFeatures,
      adding: gradient)
  }
}
