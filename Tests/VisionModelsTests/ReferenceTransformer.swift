import Foundation
import VisionModels

/// The network once more, every variant of it, in 64 bits and in the plainest way: loops over tokens and channels, nothing shared
/// with the code under test but the configuration and the names of the tensors.
struct ReferenceTransformer {
  let configuration: VisionTransformer.Configuration
  var tensors: [String: [Double]]

  init(_ configuration: VisionTransformer.Configuration, tensors: [String: [Double]]) {
    self.configuration = configuration
    self.tensors = tensors
  }

  init(_ model: VisionTransformer, _ parameters: ParameterBuffer) {
    let names = model.layout.entries.map(\.path)
    self.init(
      model.configuration,
      tensors: Dictionary(uniqueKeysWithValues: names.map { ($0, parameters.values($0).map(Double.init)) }))
  }

  /// A row for each token.
  typealias Tokens = [[Double]]

  func linear(_ name: String, _ x: Tokens) -> Tokens {
    let (weight, bias) = (tensors[name + ".weight"]!, tensors[name + ".bias"]!)
    return x.map { row in
      bias.indices.map { o in
        var sum = bias[o]
        for i in row.indices { sum += row[i] * weight[o * row.count + i] }
        return sum
      }
    }
  }

  func norm(_ name: String, _ x: Tokens) -> Tokens {
    let (gamma, beta) = (tensors[name + ".weight"]!, tensors[name + ".bias"]!)
    return x.map { row in
      let mean = row.reduce(0, +) / Double(row.count)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
      let deviation = (variance + Double(configuration.layerNormEpsilon)).squareRoot()
      return row.indices.map { (row[$0] - mean) / deviation * gamma[$0] + beta[$0] }
    }
  }

  /// Queries, keys and values as attention takes them: with rotary positions already turned.
  func queriesKeysValues(block: Int, _ stream: Tokens) -> Tokens {
    let projected = linear("blocks.\(block).attn.qkv", norm("blocks.\(block).norm1", stream))
    guard configuration.positions == .rotary else { return projected }
    let size = configuration.width / configuration.heads
    let grid = Int(Double(stream.count - configuration.prefixTokens).squareRoot())
    return projected.indices.map { token in
      let patch = token - configuration.prefixTokens
      if patch < 0 { return projected[token] }
      let place = [patch / grid, patch % grid].map { 2 * (Double($0) + 0.5) / Double(grid) - 1 }
      return stride(from: 0, to: 2 * configuration.width, by: size).flatMap { start in
        turned(Array(projected[token][start..<start + size]), to: place)
      } + projected[token][(2 * configuration.width)...]
    }
  }

  /// One head's query or key: channels k and k + half are turned by one angle, the first quarter by height, the second by width
  /// (DINOv3).
  private func turned(_ row: [Double], to place: [Double]) -> [Double] {
    let half = row.count / 2
    var result = row
    for k in 0..<half {
      let (axis, m) = (k / (half / 2), k % (half / 2))
      let angle = 2 * Double.pi * place[axis] * pow(100, -2 * Double(m) / Double(half))
      result[k] = row[k] * cos(angle) - row[k + half] * sin(angle)
      result[k + half] = row[k + half] * cos(angle) + row[k] * sin(angle)
    }
    return result
  }

  /// The weights with which every token asks every token, for each head.
  func attentionWeights(_ qkv: Tokens) -> [Tokens] {
    let (width, heads) = (configuration.width, configuration.heads)
    let size = width / heads
    return (0..<heads).map { head in
      func part(_ offset: Int) -> Tokens { qkv.map { Array($0[offset + head * size..<offset + (head + 1) * size]) } }
      let (queries, keys) = (part(0), part(width))
      return queries.map { query in
        let scores = keys.map { key in zip(query, key).reduce(0) { $0 + $1.0 * $1.1 } / Double(size).squareRoot() }
        let top = scores.max()!
        let exponentials = scores.map { exp($0 - top) }
        let total = exponentials.reduce(0, +)
        return exponentials.map { $0 / total }
      }
    }
  }

  func attention(block: Int, _ stream: Tokens) -> Tokens {
    let (width, size) = (configuration.width, configuration.width / configuration.heads)
    let qkv = queriesKeysValues(block: block, stream)
    var mixed = Tokens(repeating: [Double](repeating: 0, count: width), count: stream.count)
    for (head, weights) in attentionWeights(qkv).enumerated() {
      for asking in stream.indices {
        for asked in stream.indices {
          for channel in head * size..<(head + 1) * size {
            mixed[asking][channel] += weights[asking][asked] * qkv[asked][2 * width + channel]
          }
        }
      }
    }
    return scaled("blocks.\(block).ls1", linear("blocks.\(block).attn.proj", mixed))
  }

  func feedForward(block: Int, _ stream: Tokens) -> Tokens {
    let hidden = linear("blocks.\(block).mlp.fc1", norm("blocks.\(block).norm2", stream)).map { row in
      switch configuration.feedForward {
      case .mlp: row.map { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }
      case .swiglu: zip(row[..<(row.count / 2)], row[(row.count / 2)...]).map { $0 / (1 + exp(-$0)) * $1 }
      }
    }
    return scaled("blocks.\(block).ls2", linear("blocks.\(block).mlp.fc2", hidden))
  }

  private func scaled(_ name: String, _ x: Tokens) -> Tokens {
    guard configuration.hasLayerScale else { return x }
    let gamma = tensors[name + ".gamma"]!
    return x.map { zip($0, gamma).map(*) }
  }

  /// Class token, registers, patches row by row, with their positions: of an image of any side, [channels, side, side].
  func tokens(_ image: [Double]) -> Tokens {
    let (patch, width) = (configuration.patchSize, configuration.width)
    let side = Int(Double(image.count / configuration.channels).squareRoot())
    let grid = side / patch
    var patches: Tokens = []
    for top in 0..<grid {
      for left in 0..<grid {
        var row: [Double] = []
        for channel in 0..<configuration.channels {
          for y in 0..<patch {
            for x in 0..<patch { row.append(image[(channel * side + top * patch + y) * side + left * patch + x]) }
          }
        }
        patches.append(row)
      }
    }
    var (first, others) = (tensors["cls_token"]!, linear("patch_embed.proj", patches))
    if configuration.positions == .table {
      let table = tensors["pos_embed"]!
      let resampled = ReferenceResampling.resampled(
        Array(table[width...]), from: configuration.imageSize / patch, to: grid, width: width,
        configuration.interpolation)
      first = (0..<width).map { first[$0] + table[$0] }
      others = others.indices.map { row in (0..<width).map { others[row][$0] + resampled[row * width + $0] } }
    }
    let registers = (0..<configuration.registers).map { row in
      Array(tensors["reg_token"]![row * width..<(row + 1) * width])
    }
    return [first] + registers + others
  }

  /// All tokens as block `layer` takes them, or after the final norm.
  func stream(_ image: [Double], layer: Int? = nil, scale: (_ branch: Int) -> Double = { _ in 1 }) -> Tokens {
    var x = tokens(image)
    for block in 0..<(layer ?? configuration.depth) {
      x = add(x, attention(block: block, x), scale(2 * block))
      x = add(x, feedForward(block: block, x), scale(2 * block + 1))
    }
    return layer == nil ? norm("norm", x) : x
  }

  private func add(_ a: Tokens, _ b: Tokens, _ factor: Double) -> Tokens {
    zip(a, b).map { zip($0, $1).map { $0 + factor * $1 } }
  }
}
