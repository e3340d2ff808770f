import VisionModels

/// What a user says about weights from elsewhere, as the command line and a recipe spell it.
public struct WeightsOptions: Sendable {
  let checkpoint: CheckpointOptions

  /// What may stand for a family: how names, the norms' epsilon and the resampling of positions go together.
  public static let families = NamingFamily.allCases.map(\.rawValue)
  /// Names that say width and heads.
  public static let architectures = VisionTransformer.Configuration.architectures

  /// Nil, or an empty list, for what is to be found out.
  /// - Parameters:
  ///   - mean: what is taken from pixels in 0…1: three numbers, or one for all channels.
  ///   - deviation: what they are divided by; the same.
  /// - Throws: `WeightsOptions.Fault`.
  public init(
    arch: String? = nil, heads: Int? = nil, family: String? = nil, mean: [Double] = [], deviation: [Double] = []
  ) throws {
    if let arch, !WeightsOptions.architectures.contains(arch) {
      throw Fault(
        key: "arch",
        message: "no architecture \(arch); there are \(WeightsOptions.architectures.joined(separator: ", "))")
    }
    if let family, NamingFamily(rawValue: family) == nil {
      throw Fault(
        key: "family", message: "no family \(family); there are \(WeightsOptions.families.joined(separator: ", "))")
    }
    if let heads, heads < 1 { throw Fault(key: "heads", message: "\(heads) heads") }
    let given =
      mean.isEmpty && deviation.isEmpty ? nil : try WeightsOptions.standardization(mean, deviation)
    checkpoint = CheckpointOptions(
      arch: arch, heads: heads, family: family.flatMap(NamingFamily.init(rawValue:)), standardization: given)
  }

  var areEmpty: Bool { checkpoint == CheckpointOptions() }

  /// What is wrong, and which option it is.
  public struct Fault: Error, CustomStringConvertible {
    public let key: String
    public let message: String
    public var description: String { "\(key): \(message)" }
  }

  static func standardization(_ mean: [Double], _ deviation: [Double]) throws -> Standardization {
    func three(_ key: String, _ values: [Double]) throws -> [Float] {
      guard values.count == 1 || values.count == 3, values.allSatisfy({ Float($0).isFinite }) else {
        throw Fault(
          key: key, message: "\(values.count) numbers; one for all channels, or three, with the other of mean and std")
      }
      return values.count == 3 ? values.map { Float($0) } : [Float](repeating: Float(values[0]), count: 3)
    }
    let (centre, spread) = (try three("mean", mean), try three("std", deviation))
    guard spread.allSatisfy({ $0 > 0 && (1 / $0).isFinite }) else {
      throw Fault(key: "std", message: "a deviation must be above zero")
    }
    return Standardization(mean: centre, deviation: spread)
  }
}
