import Foundation
import VisionModels

/// The network once more, in 64 bits and in the plainest way: loops over tokens and channels, nothing shared with the code under
/// test but the names of the tensors.
struct ReferenceTransformer {
  let configuration: VisionTransformer.Configuration
  var tensors: [String: [Double]]

  init(_ model: VisionTransformer, _ parameters: ParameterBuffer) {
    configuration = model.configuration
    tensors = [:]
    for entry in model.layout.entries { tensors[entry.path] = parameters.values(entry.path).map(Double.init) }
  }

  /// A row for each token.
  typealias Tokens = [[Double]]

  func linear(_ name: String, _ x: Tokens) -> Tokens {
    let (weight, bias) = (tensors[name + ".weight"]!, tensors[name + ".bias"]!)
    return x.map { row in
      bias.indices.map { o in
        bias[o] + row.indices.reduce(0) { $0 + row[$1] * weight[o * row.count + $1] }
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

  func attention(_ name: String, _ x: Tokens) -> Tokens {
    let (width, heads) = (configuration.width, configuration.heads)
    let size = width / heads
    let qkv = linear(name + ".qkv", x)
    var mixed = Tokens(repeating: [Double](repeating: 0, count: width), count: x.count)
    for head in 0..<heads {
      for asking in x.indices {
        let scores = x.indices.map { asked in
          (0..<size).reduce(0) {
            $0 + qkv[asking][head * size + $1] * qkv[asked][width + head * size + $1]
          } / Double(size).squareRoot()
        }
        let top = scores.max()!
        let exponentials = scores.map { exp($0 - top) }
        let total = exponentials.reduce(0, +)
        for asked in x.indices {
          for channel in 0..<size {
            mixed[asking][head * size + channel] +=
              exponentials[asked] / total * qkv[asked][2 * width + head * size + channel]
          }
        }
      }
    }
    return linear(name + ".proj", mixed)
  }

  func feedForward(_ name: String, _ x: Tokens) -> Tokens {
    let hidden = linear(name + ".fc1", x).map { $0.map { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) } }
    return linear(name + ".fc2", hidden)
  }

  /// Of an image at the native side.
  func tokens(_ image: [Double]) -> Tokens {
    let (side, patch, width) = (configuration.imageSize, configuration.patchSize, configuration.width)
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
    let rows = [tensors["cls_token"]!] + linear("patch_embed.proj", patches)
    let table = tensors["pos_embed"]!
    return rows.indices.map { row in (0..<width).map { rows[row][$0] + table[row * width + $0] } }
  }

  /// All tokens as block `layer` takes them, or after the final norm.
  func stream(_ image: [Double], layer: Int? = nil, scale: (_ branch: Int) -> Double = { _ in 1 }) -> Tokens {
    var x = tokens(image)
    for block in 0..<(layer ?? configuration.depth) {
      x = add(x, attention("blocks.\(block).attn", norm("blocks.\(block).norm1", x)), scale(2 * block))
      x = add(x, feedForward("blocks.\(block).mlp", norm("blocks.\(block).norm2", x)), scale(2 * block + 1))
    }
    return layer == nil ? norm("norm", x) : x
  }

  private func add(_ a: Tokens, _ b: Tokens, _ factor: Double) -> Tokens {
    zip(a, b).map { zip($0, $1).map { $0 + factor * $1 } }
  }
}
