import Augmentation
import Tensors
import TestSupport
import Testing

struct ContactSheetTests {
  private func image(_ number: Int) -> PixelStack {
    PixelStack(
      count: 1, channels: 3, height: 16, width: 16,
      samples: .bits8((0..<768).map { UInt8(truncatingIfNeeded: ($0 * 7 + number * 50) % 180) }))
  }

  @Test func aRowBeginsWithItsImage() throws {
    let preset = try #require(AugmentationPreset.named("pathology"))
    let images = [image(0), image(1), image(2)]
    let sheet = ContactSheet(images, preset: preset, side: 16, crops: 5, seed: Seed(7))
    #expect(sheet.height == 4 + 3 * 20 && sheet.pixels.count == sheet.width * sheet.height * 3)
    #expect(sheet.width == 4 + 16 + 12 + 16 + 4 + 16 + 12 + 3 * 20)
    for row in 0..<3 {
      guard case .bits8(let samples) = images[row].samples else { continue }
      for i in 0..<256 {
        let place = ((4 + row * 20 + i / 16) * sheet.width + 4 + i % 16) * 3
        for channel in 0..<3 { #expect(sheet.pixels[place + channel] == samples[channel * 256 + i]) }
      }
    }
    // Gaps are of one grey; every tile is drawn, to its last pixel.
    let columns = (0..<sheet.width).filter { x in
      (0..<sheet.height).allSatisfy { sheet.pixels[($0 * sheet.width + x) * 3] == 200 }
    }
    #expect(columns.count == 4 + 12 + 4 + 12 + 3 * 4)
  }

  @Test func theSeedDecides() {
    let images = [image(0)]
    let first = ContactSheet(images, preset: .medical, side: 16, crops: 4, seed: Seed(7))
    #expect(first.pixels == ContactSheet(images, preset: .medical, side: 16, crops: 4, seed: Seed(7)).pixels)
    #expect(first.pixels != ContactSheet(images, preset: .medical, side: 16, crops: 4, seed: Seed(8)).pixels)
  }
}
