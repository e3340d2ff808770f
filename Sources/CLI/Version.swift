import Imaging
import Stages
import Storage
import Tensors

/// Versions of the program and of what computes for it, for `--version`, `doctor` and `run.json`.
enum Version {
  static let current = "0.1.0"

  static var all: [String: String] {
    var versions = ["medoid": current, "arithmetic": Arithmetic.current, "hdf5": HDF5Library.version]
    for (name, version) in ImagingLibraries.versions { versions[name] = version }
    return versions
  }
}
