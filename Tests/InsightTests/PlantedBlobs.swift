import Clustering
import Tensors

/// Points in well-known places: blobs of standard normal noise around centres.
struct PlantedBlobs {
  let points: Matrix
  let partition: Partition

  init(centres: [[Float]], sizes: [Int], noise: Int = 0, deviation: Double = 1, seed: UInt64 = 5) {
    var generator = Seed(seed).generator()
    var rows: [[Float]] = []
    var labels: [Int?] = []
    for (group, size) in sizes.enumerated() {
      for _ in 0..<size {
        rows.append(centres[group].map { $0 + Float(deviation * generator.normal()) })
        labels.append(group)
      }
    }
    for _ in 0..<noise {
      rows.append(centres[0].map { _ in Float(20 * generator.normal()) })
      labels.append(nil)
    }
    var order = Array(rows.indices)
    generator.shuffle(&order)
    points = Matrix(rowsOf: order.map { rows[$0] })
    partition = Partition(
      rawLabels: order.map { labels[$0] },
      strengths: order.map { labels[$0] == nil ? 0 : Float(0.5 + 0.5 * generator.uniform()) })
  }
}

extension Partition {
  init(_ labels: [Int?]) { self.init(rawLabels: labels, strengths: labels.map { $0 == nil ? 0 : 1 }) }
}
