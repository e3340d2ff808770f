import Records
import Tensors
import Testing

struct NumberTextTests {
  @Test func textIsShortestAndFixed() {
    #expect(NumberText.text(0.1 as Double) == "0.1")
    #expect(NumberText.text(0.1 as Float) == "0.1")
    #expect(NumberText.text(5.0 as Double) == "5.0")
    #expect(NumberText.text(-0.0 as Double) == "-0.0")
    #expect(NumberText.text(1e-5 as Double) == "1e-05")
    #expect(NumberText.text(1e16 as Double) == "1e+16")
    #expect(NumberText.text(Double.infinity) == "inf")
    #expect(NumberText.text(-Float.nan) == "nan")
    #expect(NumberText.text(nil as Double?) == "")
    #expect(NumberText.json(Double.nan) == "null")
    #expect(NumberText.json(-Float.infinity) == "null")
  }

  @Test func everyNumberReadsBackAsItself() throws {
    var generator = Seed(3).generator()
    for _ in 0..<20_000 {
      let bits = generator.next()
      let double = Double(bitPattern: bits)
      if double.isFinite { #expect(Double(NumberText.text(double)) == double) }
      let float = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
      if float.isFinite { #expect(Float(NumberText.text(float)) == float) }
    }
  }
}
