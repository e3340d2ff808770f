import Reporting
import TestSupport
import Testing

struct SVGTests {
  @Test func isWellFormedAndEscaped() throws {
    var svg = SVG(width: 10, height: 20.5, title: "a <b> & c")
    svg.line(0, -1.5, 2.126, 3, "grid")
    svg.rectangle(0, 0, 5, 5, "bar", hint: "<i>")
    svg.text("<tspan>", 1, 2, "axis")
    svg.curve([(0, 0), (1, .nan), (2, 2), (3, 1)], "line")
    let text = svg.markup.text
    let checker = try MarkupChecker(text)
    #expect(checker.elements.map(\.name) == ["svg", "title", "line", "rect", "title", "text", "path"])
    #expect(text.contains("viewBox=\"0 0 10 20.50\""))
    #expect(text.contains("y1=\"-1.50\""))
    #expect(text.contains("x2=\"2.13\""))
    // A gap where the number is missing.
    #expect(text.contains("d=\"M0 0M2 2L3 1\""))
  }

  @Test func scalesAreLinear() {
    let scale = LinearScale(domain: 2...4, range: (100, 0))
    #expect([2, 3, 4].map { scale($0) } == [100, 50, 0])
    #expect(LinearScale(domain: 1...1, range: (0, 10))(1) == 5)
  }

  @Test func ticksAreRoundAndInside() {
    #expect(LinearScale(domain: 0...8, range: (0, 1)).ticks(8).values == [0, 1, 2, 3, 4, 5, 6, 7, 8])
    #expect(LinearScale(domain: 0...1, range: (0, 1)).ticks(4).values == [0, 0.5, 1])
    #expect(LinearScale(domain: 0...7.97, range: (0, 1)).ticks(8).values == [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(LinearScale(domain: 0...0.03, range: (0, 1)).ticks(3).places == 2)
    #expect(LinearScale(domain: 0...100, range: (0, 1)).ticks(5).values == [0, 20, 40, 60, 80, 100])
    withEvery("width", in: [1e-4, 0.003, 0.7, 1, 3.3, 19, 250, 99_999]) { width in
      for start in [-3.0, 0, 0.31, 17] {
        let ticks = LinearScale(domain: start...(start + width), range: (0, 1)).ticks(5)
        #expect((2...6).contains(ticks.values.count), "\(start) + \(width): \(ticks.values.count)")
        #expect(ticks.values.allSatisfy { $0 >= start - 1e-9 && $0 <= start + width * (1 + 1e-6) })
      }
    }
    #expect(LinearScale(domain: 3...3, range: (0, 1)).ticks(5).values == [3])
  }
}
