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

  /// What these presets draw is for ever: models trained with them can be trained again.
  @Test(arguments: [
    ("medical", 1_577_682_065_573_067_321 as UInt64), ("natural", 9_358_432_463_193_190_120),
    ("none", 2_060_192_950_936_731_501),
  ])
  func theFirstPresetsDrawWhatTheyAlwaysDrew(name: String, digest: UInt64) throws {
    let preset = try #require(AugmentationPreset.named(name))
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ value: UInt64) { hash = (hash ^ value) &* 0x0000_0100_0000_01b3 }
    func add(_ value: Float?) { add(UInt64(value?.bitPattern ?? 7)) }
    func add(_ values: [Float]) { for value in values { add(value) } }
    for view in AugmentationPreset.View.allCases {
      for hasColour in [false, true] {
        for drawn in draws(preset, view, hasColour: hasColour, count: 300) {
          for value in [drawn.box.left, drawn.box.top, drawn.box.width, drawn.box.height] { add(UInt64(value)) }
          add((drawn.flipsHorizontally ? 1 : 0) + (drawn.flipsVertically ? 2 : 0) + (drawn.becomesGrey ? 4 : 0))
          add(Float(drawn.rotation))
          add([drawn.window?.width ?? 0, drawn.window?.level ?? 0, drawn.gamma ?? 0] + (drawn.stain ?? []))
          for step in drawn.jitter {
            switch step {
            case .brightness(let x), .contrast(let x), .saturation(let x), .hue(let x): add(x)
            }
          }
          add(drawn.blurDeviation.map { Float($0) })
          add([drawn.solarizeThreshold ?? -1, drawn.noise?.deviation ?? -1])
          add(drawn.noise?.key ?? 0)
        }
      }
    }
    #expect(hash == digest)
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
