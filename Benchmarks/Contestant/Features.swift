import Tensors
import VisionModels

/// `bench vit`: a batch of images through the network to one class token an image.
enum FeatureContest {
  static func serve(_ arguments: Arguments) throws {
    let (side, batch) = (try arguments.integer("side"), try arguments.integer("batch"))
    let model = try Inputs.model(try arguments.text("model"), side: side)
    let parameters = ParameterBuffer(model.layout)
    try Inputs.fill(parameters, from: try arguments.text("weights"))
    let images = try Inputs.floats(
      try arguments.text("images"), count: batch * model.configuration.channels * side * side)
    let engine = try FeatureEngine(
      model: model, parameters: parameters, precision: try arguments.precision(), side: side,
      workers: WorkerPool(threads: try arguments.integer("threads")))
    var features = [Float](repeating: 0, count: batch * model.configuration.width)
    func run(_ rounds: Int) {
      images.withUnsafeBufferPointer { images in
        features.withUnsafeMutableBufferPointer { features in
          for _ in 0..<rounds {
            engine.features(images.baseAddress!, count: batch, into: features.baseAddress!)
          }
        }
      }
    }
    run(2)
    try LineProtocol.serve(run: run) {
      run(1)
      return features
    }
  }
}
