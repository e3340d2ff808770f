import Foundation
import Records
import SelfSupervision
import Storage

/// `training.csv`: what the monitor saw, one row a step.
enum TrainingTable {
  static let columns = [
    "epoch", "step", "loss", "teacher_entropy", "divergence", "ibot", "koleo", "largest_gradient", "learning_rate",
    "weight_decay", "teacher_momentum", "teacher_temperature", "center_drift", "effective_rank", "view_retrieval",
    "largest_share", "prototypes_used",
  ]

  static func write(_ history: [Monitor], to url: URL) throws {
    try CSVWriter.write(to: url, columns: columns) { writer in
      for entry in history {
        try writer.row(
          [String(entry.epoch), String(entry.step)]
            + [
              entry.loss, entry.teacherEntropy, entry.divergence, entry.ibot, entry.koleo, entry.largestGradient,
              entry.learningRate,
              entry.weightDecay, entry.teacherMomentum, entry.teacherTemperature, entry.centerDrift,
              entry.effectiveRank, entry.viewRetrieval, entry.largestShare,
            ].map { NumberText.text($0) } + [entry.prototypesUsed.map { String($0) } ?? ""])
      }
    }
  }

  static func read(from url: URL) throws -> [Monitor] {
    var reader = try CSVReader(url)
    try reader.require(columns)
    return try reader.map { row in
      Monitor(
        epoch: try row.integer("epoch"), step: try row.integer("step"), loss: try row.double("loss"),
        teacherEntropy: try row.double("teacher_entropy"), divergence: try row.double("divergence"),
        ibot: try row.optionalDouble("ibot"),
        koleo: try row.optionalDouble("koleo"), largestGradient: try row.double("largest_gradient"),
        learningRate: try row.double("learning_rate"),
        weightDecay: try row.double("weight_decay"), teacherMomentum: try row.double("teacher_momentum"),
        teacherTemperature: try row.double("teacher_temperature"),
        centerDrift: try row.optionalDouble("center_drift"), effectiveRank: try row.optionalDouble("effective_rank"),
        viewRetrieval: try row.optionalDouble("view_retrieval"), largestShare: try row.optionalDouble("largest_share"),
        prototypesUsed: try row.optionalDouble("prototypes_used").map { Int($0) })
    }
  }
}
