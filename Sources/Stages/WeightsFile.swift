import Foundation
import Storage
import VisionModels

/// A file of weights, whoever wrote it: safetensors, or PyTorch's `.pth`, `.pt` and `.bin`, told apart by their first bytes.
struct WeightsFile: Sendable {
  private enum Content: Sendable {
    case safetensors(SafetensorsFile)
    case torch(TorchFile)
  }

  private let content: Content
  let url: URL
  /// Of the whole file.
  let byteCount: Int

  /// Files that can't be read or written, and what the first bytes of some say that are no weights, or not yet.
  enum Failure: Error, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case noFolder(path: String)
    case pointer(path: String)
    case page(path: String)
    case unknown(path: String, safetensors: SafetensorsError)
    case swollen(path: String, numbers: Int, bytes: Int)

    var description: String {
      switch self {
      case .unreadable(let path, let reason): "\(path) can't be read: \(reason)"
      case .noFolder(let path): "\(path): there is no such folder to write into"
      case .pointer(let path): "\(path): a pointer of Git LFS, not the weights themselves; fetch them with git lfs pull"
      case .page(let path): "\(path): a web page, not weights; the download went wrong"
      case .unknown(let path, let error):
        "\(path): neither a file of torch.save (1.0 or later) nor safetensors: \(error.description.dropFirst(path.count + 2))"
      case .swollen(let path, let numbers, let bytes): "\(path): \(numbers) numbers claimed by a file of \(bytes) bytes"
      }
    }
  }

  /// - Throws: `TorchError`, `SafetensorsError` or `Failure`, each naming the file.
  init(reading url: URL) throws {
    let name = url.lastPathComponent
    let bytes: Data
    do {
      bytes = try Data(contentsOf: url, options: .mappedIfSafe)
    } catch {
      let isFolder = (try? url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
      throw Failure.unreadable(path: name, reason: isFolder ? "it is a folder" : error.localizedDescription)
    }
    self.url = url
    byteCount = bytes.count
    if TorchFile.recognizes(bytes) {
      content = .torch(try TorchFile(bytes: bytes, path: name))
    } else if bytes.starts(with: Data("version https://git-lfs".utf8)) {
      throw Failure.pointer(path: name)
    } else if bytes.starts(with: Data("<!DOCTYPE".utf8)) || bytes.starts(with: Data("<html".utf8)) {
      throw Failure.page(path: name)
    } else {
      do {
        content = .safetensors(try SafetensorsFile(bytes: bytes, path: name))
      } catch let error as SafetensorsError {
        // With neither beginning the length of a header is chance; else it is that format, damaged.
        if case .headerLength = error.problem { throw Failure.unknown(path: name, safetensors: error) }
        throw error
      }
    }
  }

  /// `safetensors` or `PyTorch`.
  var format: String {
    switch content {
    case .safetensors: "safetensors"
    case .torch: "PyTorch"
    }
  }

  /// True for what `ModelFile` wrote.
  var isModel: Bool {
    if case .safetensors(let file) = content { file.metadata["format"] == ModelFile.format } else { false }
  }

  /// Classes that the file names and that were not made.
  var placeholders: [String] { if case .torch(let file) = content { file.placeholders } else { [] } }

  /// In byte order of their names.
  var tensors: [CheckpointTensor] {
    switch content {
    case .safetensors(let file):
      file.names.map { CheckpointTensor(name: $0, shape: file.shape($0) ?? [], type: file.type($0) ?? "") }
    case .torch(let file):
      file.names.map { CheckpointTensor(name: $0, shape: file.shape($0) ?? [], type: file.type($0) ?? "") }
    }
  }

  /// A tensor's numbers, row-major; NaN and infinities are refused.
  func floats(_ name: String) throws -> [Float] {
    switch content {
    case .safetensors(let file): try file.floats(name)
    case .torch(let file): try file.floats(name)
    }
  }
}
