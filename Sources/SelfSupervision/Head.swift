import Kernels
package import Tensors
package import VisionModels

/// DINO's projection head: Linear, GELU, Linear, GELU, Linear to a bottleneck, L2 normalisation, and a last layer without bias whose
/// rows are kept as direction times length (weight normalisation, Salimans and Kingma 2016).
///
/// Like the backbone it holds only where its tensors lie (`head.mlp.{0,2,4}.{weight,bias}`, `head.last_layer.weight_{g,v}`).
/// The last layer's rows g·v/‖v‖ are made and packed once a step (`LastLayer`) and passed in, and backward leaves the gradient with
/// respect to those rows in the place of `weight_v`; `GradientSum` turns it into that of g and v, once a step too.
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
  /// What lay before, and the head's parameters.
  let layout: ParameterLayout

  static let directionPath = "head.last_layer.weight_v"
  static let lengthPath = "head.last_layer.weight_g"

  /// Appends the head's parameters to a layout.
  package init(input: Int, hidden: Int, bottleneck: Int, output: Int, appendingTo layout: inout ParameterLayout) {
    self.input = input
    self.hidden = hidden
    self.bottleneck = bottleneck
    self.output = output
    first = Linear("head.mlp.0", inputs: input, outputs: hidden, in: &layout)
    second = Linear("head.mlp.2", inputs: hidden, outputs: hidden, in: &layout)
    third = Linear("head.mlp.4", inputs: hidden, outputs: bottleneck, in: &layout)
    length = layout.append(ProjectionHead.lengthPath, [output, 1])
    direction = layout.append(ProjectionHead.directionPath, [output, bottleneck])
    self.layout = layout
  }

  /// The matrices normal with deviation 0.02, biases 0, lengths 1, directions uniform in ±1/√bottleneck (torch's default for a linear layer).
  package func initialize(_ parameters: ParameterBuffer, seed: Seed) {
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

  package func makeLastLayer(_ precision: Precision, forTraining: Bool) -> LastLayer {
    LastLayer(self, precision, forTraining: forTraining)
  }

  package func makeTape(rows: Int, _ precision: Precision, forTraining: Bool = true) -> Tape {
    Tape(self, rows: rows, precision, forTraining: forTraining)
  }

  /// Logits of `count` feature vectors [count, input], left in `tape.logits`.
  /// - Parameter lastLayer: renewed from the same parameters.
  /// - Precondition: `count <= tape.rows`.
  package func forward(
    _ features: UnsafePointer<Float>, count: Int, weights: PackedWeights, lastLayer: LastLayer, tape: Tape
  ) {
    precondition(count <= tape.rows, "\(count) feature vectors on a tape for \(tape.rows)")
    let precision = weights.precision
    keep(features, count, input, in: tape.features, precision)
    first.forward(
      tape.features.pointer, stride: operandStride(input), rows: count, weights: weights,
      edge: .gelu(into: tape.after1.pointer, stride: operandStride(hidden), keeping: tape.before1?.pointer, precision),
      as: .head)
    second.forward(
      tape.after1.pointer, stride: operandStride(hidden), rows: count, weights: weights,
      edge: .gelu(into: tape.after2.pointer, stride: operandStride(hidden), keeping: tape.before2?.pointer, precision),
      as: .head)
    third.forward(
      tape.after2.pointer, stride: operandStride(hidden), rows: count, weights: weights,
      edge: .affine(into: UnsafeMutableRawPointer(tape.unit.pointer), stride: bottleneck, .f32), as: .head)
    for row in 0..<count {
      let vector = tape.unit.pointer + row * bottleneck
      tape.norms.pointer[row] = dino_unit(vector, bottleneck, vector)
    }
    keep(tape.unit.pointer, count, bottleneck, in: tape.unitOperand, precision)
    OperationProfile.measure(.head, operations: 2 * count * output * bottleneck) {
      product(
        tape.unitOperand.pointer, stride: operandStride(bottleneck), rows: count, columns: output, depth: bottleneck,
        right: lastLayer.packed.forward, precision, .sums(into: tape.outputs.pointer, stride: output))
    }
  }

  /// Packed rows as operands.
  private func keep(
    _ rows: UnsafePointer<Float>, _ count: Int, _ width: Int, in operands: OperandBuffer, _ precision: Precision
  ) {
    for row in 0..<count {
      convert(
        operands.pointer.advanced(by: row * operandStride(width), precision), precision.number, rows + row * width,
        width)
    }
  }

  /// From dLogits [count, output] to dFeatures [count, input]; adds into `gradient` (the layout's), with the gradient of the last
  /// layer's finished rows in the place of `weight_v`.
  package func backward(
    _ dLogits: UnsafePointer<Float>, count: Int, weights: PackedWeights, lastLayer: LastLayer, tape: Tape,
    adding gradient: UnsafeMutablePointer<Float>, into dFeatures: UnsafeMutablePointer<Float>
  ) {
    guard let scratch = tape.gradients, let before1 = tape.before1, let before2 = tape.before2 else {
      preconditionFailure("backward on a head's tape made for inference")
    }
    let precision = weights.precision
    OperationProfile.measure(.headBackward, operations: 4 * count * output * bottleneck) {
      keep(dLogits, count, output, in: scratch.logits, precision)
      scratch.pack.addOuterProduct(
        scratch.logits.pointer, operandStride(output), tape.unitOperand.pointer, operandStride(bottleneck), rows: count,
        outputs: output, inputs: bottleneck, precision, into: gradient + direction.lowerBound)
      product(
        scratch.logits.pointer, stride: operandStride(output), rows: count, columns: bottleneck, depth: output,
        right: lastLayer.packed.backward, precision, .sums(into: scratch.unit.pointer, stride: bottleneck))
      for row in 0..<count {
        let d = scratch.unit.pointer + row * bottleneck
        _ = dino_tangent(tape.unit.pointer + row * bottleneck, d, bottleneck, 1 / tape.norms.pointer[row], d)
      }
      keep(scratch.unit.pointer, count, bottleneck, in: scratch.unitOperand, precision)
    }
    third.backward(
      scratch.unitOperand.pointer, strideDY: operandStride(bottleneck), x: tape.after2.pointer,
      strideX: operandStride(hidden), rows: count,
      weights: weights,
      dx: .geluSlope(into: scratch.hidden2.pointer, stride: operandStride(hidden), kept: before2.pointer, precision),
      scratch: scratch.pack, adding: gradient, as: .headBackward)
    second.backward(
      scratch.hidden2.pointer, strideDY: operandStride(hidden), x: tape.after1.pointer, strideX: operandStride(hidden),
      rows: count, weights: weights,
      dx: .geluSlope(into: scratch.hidden1.pointer, stride: operandStride(hidden), kept: before1.pointer, precision),
      scratch: scratch.pack, adding: gradient, as: .headBackward)
    first.backward(
      scratch.hidden1.pointer, strideDY: operandStride(hidden), x: tape.features.pointer, strideX: operandStride(input),
      rows: count,
      weights: weights, dx: .sums(into: dFeatures, stride: input), scratch: scratch.pack, adding: gradient,
      as: .headBackward)
  }
}
