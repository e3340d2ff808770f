import Foundation
import Pipeline
import Testing

@Suite struct ParameterValueTests {
  @Test(
    arguments: [
      (.null, "null"), (true, "true"), (-3, "-3"), (1.0, "1"), (0.1, "0.1"), (1e-6, "1e-06"), (1e300, "1e+300"),
      ("a\"b\\\n\u{1}é", "\"a\\\"b\\\\\\u000a\\u0001é\""), ([1, "x", [:]], "[1,\"x\",{}]"),
      (["b": 1, "a": [2], "B": .null], "{\"B\":null,\"a\":[2],\"b\":1}"),
    ] as [(ParameterValue, String)])
  func hasOneSpelling(_ value: ParameterValue, _ json: String) throws {
    #expect(value.canonicalJSON == json)
    let back = try JSONDecoder().decode(ParameterValue.self, from: Data(json.utf8))
    #expect(back.canonicalJSON == json)
    let coded = try JSONDecoder().decode(ParameterValue.self, from: JSONEncoder().encode(value))
    #expect(coded.canonicalJSON == json)
  }

  @Test func doublesComeBackExactly() throws {
    for value in [0.1, 1.0 / 3, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 4e-5, 0x1p53] {
      let back: Double = try ParameterValue.number(value).decoded()
      #expect(back == value)
    }
  }

  @Test func decodesATypeOfItsOwn() throws {
    struct Mixed: Codable, Equatable {
      var precision: ParameterValue
      var sizes: [Int]
      var absent: Double?
      var name: String
    }
    let value: ParameterValue = ["precision": "auto", "sizes": [1, 2], "absent": .null, "name": "é"]
    #expect(
      try value.decoded(as: Mixed.self) == Mixed(precision: "auto", sizes: [1, 2], absent: nil, name: "é"))
  }
}
