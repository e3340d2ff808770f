/// A PyTorch file that is not one, or doesn't hold what is asked of it.
public struct TorchError: Error, Equatable, CustomStringConvertible {
  public let path: String
  public let problem: Problem

  public init(path: String, problem: Problem) {
    self.path = path
    self.problem = problem
  }

  public enum Problem: Equatable, Sendable {
    /// Neither a zip file nor the older format by its first bytes.
    case notTorch
    /// What is wrong with the zip container.
    case container(String)
    /// An entry that is compressed or encrypted; `torch.save` makes none such.
    case packedEntry(String)
    case missingEntry(String)
    /// Written on a big-endian machine.
    case bigEndian
    /// What is wrong with the pickle, and at which of its bytes.
    case pickle(offset: Int, String)
    /// More of something than any checkpoint has.
    case tooMuch(of: String, limit: Int)
    /// A tensor whose numbers lie outside its storage.
    case badView(storage: String, numbers: Int, shape: [Int])
    /// A storage that is shorter than it says.
    case badStorage(key: String, bytes: Int, found: Int)
    case missing(tensor: String)
    /// A type that can't be read as floats.
    case unreadableType(tensor: String, type: String)
    /// A tensor of more numbers than its storage holds: one number shown many times.
    case expanded(tensor: String, shape: [Int])
    /// A NaN or an infinity where they are refused.
    case notFinite(tensor: String, index: Int)
  }

  public var description: String { "\(path): \(text)" }

  private var text: String {
    switch problem {
    case .notTorch: "no PyTorch file"
    case .container(let fault): "no good zip file: \(fault)"
    case .packedEntry(let name): "\(name) is compressed or encrypted, which torch.save never does; save it anew with it"
    case .missingEntry(let name): "no \(name) in it"
    case .bigEndian: "written on a big-endian machine, which is not read"
    case .pickle(let offset, let fault): "the pickle is malformed at byte \(offset): \(fault)"
    case .tooMuch(let what, let limit): "more than \(limit) \(what)"
    case .badView(let storage, let numbers, let shape):
      "a tensor of shape \(shape) reaches beyond its storage \(storage) of \(numbers) numbers"
    case .badStorage(let key, let bytes, let found): "storage \(key) should hold \(bytes) bytes and has \(found)"
    case .missing(let tensor): "no tensor \(tensor)"
    case .unreadableType(let tensor, let type): "\(tensor) is \(type), which can't be read as such numbers"
    case .expanded(let tensor, let shape): "\(tensor) of shape \(shape) has more numbers than were saved"
    case .notFinite(let tensor, let index): "\(tensor) holds NaN or infinity at \(index)"
    }
  }
}
