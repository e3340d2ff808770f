import Foundation
import Storage
import TestSupport
import Testing

/// `pool: layout`: what is where by the archive's own directions, beside what the whole is.
struct LayoutTests {
  private static let recipe = """
    name: layout
    seed: 7
    steps:
      ingest: { stage: ingest, from: archive/images, size: 32 }
      model: { stage: dino, images: ingest, arch: vit_tiny, depth: 2, patch_size: 4, epochs: 0 }
      embed: { stage: embed, images: ingest, model: model, layer: 1, pool: layout, precision: f32 }

    """

  @Test func theWholeIsAFifthAndCellsTheRest() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      try LayoutTests.recipe.write(to: folder.appending(path: "recipe.yml"), atomically: true, encoding: .utf8)
      #expect(try program("phantom", "--out", "archive", "--images", "42", "--seed", "3").status == 0)
      for threads in [1, 3] {
        let run = try program(
          "run", "recipe.yml", "--out", "out\(threads)", "--store", "store\(threads)", "-j", "\(threads)")
        #expect(run.status == 0, "\(run.errors)")
      }
      #expect(try program.data("out1/embeddings.h5") == program.data("out3/embeddings.h5"))
      let embeddings = try EmbeddingsFile.read(from: folder.appending(path: "out1/embeddings.h5"))
      #expect(embeddings.provenance.features == "layer=1 pool=layout directions=32 shifts=1")
      let vectors = try embeddings.vectors.loaded()
      let whole = 2 * 192
      #expect(vectors.columns == whole + 64 * 32)
      // The vectors were fitted to these very images: about their mean, and of variance a quarter and one.
      var sums = [Double](repeating: 0, count: vectors.columns)
      var variances = [0.0, 0.0]
      for (place, value) in vectors.storage.enumerated() {
        let column = place % vectors.columns
        sums[column] += Double(value)
        variances[column < whole ? 0 : 1] += Double(value) * Double(value) / Double(vectors.rows)
      }
      #expect(sums.allSatisfy { abs($0) < 1e-4 })
      #expect(abs(variances[0] - 0.25) < 1e-4 && abs(variances[1] - 1) < 1e-4)
    }
  }
}
