import Foundation

// bench vit|dino|augment|decode|pca|kmeans|hdbscan|umap|knn --NAME VALUE…   a contestant of a benchmark; its parent is Benchmarks/peers
// bench embed --threads N                    images from disk beside the same images in memory
// bench peak --precision f32|bf16 --threads N

do {
  let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
  switch arguments.topic {
  case "vit": try FeatureContest.serve(arguments)
  case "dino": try StepContest.serve(arguments)
  case "augment": try CropContest.serve(arguments)
  case "decode": try DecodingContest.serve(arguments)
  case "pca": try ReductionContest.serve(arguments)
  case "kmeans": try KMeansContest.serve(arguments)
  case "hdbscan": try HDBSCANContest.serve(arguments)
  case "umap": try LayoutContest.serve(arguments)
  case "knn": try NeighborsContest.serve(arguments)
  case "embed": try ReadingContest.run(arguments)
  case "peak":
    let peak = try MatrixPeak.measure(try arguments.precision(), threads: try arguments.integer("threads"))
    LineProtocol.say("peak \(peak)")
  default: throw Usage("usage: bench vit|dino|augment|decode|pca|kmeans|hdbscan|umap|knn|embed|peak --name value …")
  }
} catch let reason as Unavailable {
  LineProtocol.say("unavailable \(reason)")
} catch {
  FileHandle.standardError.write(Data("bench: \(error)\n".utf8))
  exit(2)
}
