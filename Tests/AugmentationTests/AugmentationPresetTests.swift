import Augmentation
import Foundation
import Tensors
import TestSupport
import Testing

struct AugmentationPresetTests {
  private func draws(
    _ preset: AugmentationPreset, _ view: AugmentationPreset.View, hasColour: Bool, count: Int = 4000
  ) -> [CropParameters] {
    (0..<count).map { i in
      var generator = Seed(9).split(i).generator()
      return preset.draw(view: view, scale: 0.4...1, height: 64, width: 64, hasColour: hasColour, &generator)
    }
  }

  private func share(_ draws: [CropParameters], _ holds: (CropParameters) -> Bool) -> Double {
    Double(draws.count { holds($0) }) / Double(draws.count)
  }

  @Test func naturalIsTheReferencesRecipe() {
    let preset = AugmentationPreset.natural
    for (view, blur, solarize) in [
      (AugmentationPreset.View.firstGlobal, 1.0, 0.0), (.secondGlobal, 0.1, 0.2), (.local, 0.5, 0),
    ] {
      let all = draws(preset, view, hasColour: true)
      #expect(abs(share(all) { $0.blurDeviation != nil } - blur) < 0.03)
      #expect(abs(share(all) { $0.solarizeThreshold != nil } - solarize) < 0.03)
      #expect(abs(share(all) { !$0.jitter.isEmpty } - 0.8) < 0.03)
      #expect(abs(share(all) { $0.becomesGrey } - 0.2) < 0.03)
      #expect(abs(share(all) { $0.flipsHorizontally } - 0.5) < 0.03)
      #expect(all.allSatisfy { $0.blurDeviation.map { (0.1...2).contains($0) } ?? true })
      #expect(
        all.allSatisfy { $0.rotation == 0 && $0.window == nil && $0.gamma == nil && $0.noise == nil && $0.stain == nil }
      )
    }
    // All orders of the four occur about equally often.
    var orders: [String: Int] = [:]
    for draw in draws(preset, .local, hasColour: true) where !draw.jitter.isEmpty {
      let order = draw.jitter.map { step -> String in
        switch step {
        case .brightness(let x):
          #expect((0.6...1.4).contains(x))
          return "b"
        case .contrast(let x):
          #expect((0.6...1.4).contains(x))
          return "c"
        case .saturation(let x):
          #expect((0.8...1.2).contains(x))
          return "s"
        case .hue(let x):
          #expect((-0.1...0.1).contains(x))
          return "h"
        }
      }
      orders[order.joined(), default: 0] += 1
    }
    #expect(orders.count == 24 && orders.values.allSatisfy { $0 > 80 })
  }

  @Test func medicalNeverInvertsAndKeepsGreyApart() {
    for view in AugmentationPreset.View.allCases {
      let grey = draws(.medical, view, hasColour: false)
      #expect(
        grey.allSatisfy { $0.solarizeThreshold == nil && !$0.flipsVertically && $0.jitter.isEmpty && $0.stain == nil })
      #expect(abs(share(grey) { $0.window != nil } - 0.8) < 0.03)
      let colour = draws(.medical, view, hasColour: true)
      #expect(colour.allSatisfy { $0.window == nil && $0.gamma == nil })
      #expect(abs(share(colour) { $0.stain != nil } - 0.8) < 0.03)
    }
  }

  @Test func namesAndCode() throws {
    for name in AugmentationPreset.names {
      let preset = try #require(AugmentationPreset.named(name))
      let code = try JSONEncoder().encode(preset)
      #expect(try JSONDecoder().decode(AugmentationPreset.self, from: code) == preset)
    }
    #expect(AugmentationPreset.named("medcal") == nil)
  }
}
