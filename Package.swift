// swift-tools-version: 6.2
// The floors of the house, lowest first: a target may name only targets above it in this file.
import PackageDescription

/// `make` sets MEDOID_STRICT, so that our own gate refuses warnings while a newer compiler's new warnings never break a user's build.
let strict: [SwiftSetting] = Context.environment["MEDOID_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]
let swiftSettings: [SwiftSetting] =
  [.enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("ExistentialAny")] + strict

/// A system library behind a module map and a shim; no policy.
func border(_ name: String, _ pkgConfig: String, apt: String, brew: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/Foreign/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

/// A Swift room and what it may know of.
func room(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// The tests of one room. Fixtures are read in place by `TestSupport`, so they are not bundle resources.
func tests(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.target(name: name), "TestSupport"] + dependencies,
    swiftSettings: swiftSettings)
}

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// GDCM is C++ without a pkg-config file: a compiled, noexcept `extern "C"` face of it.
let gdcm = Target.target(
  name: "CGDCM", path: "Sources/Foreign/CGDCM", cxxSettings: [.headerSearchPath("private")],
  linkerSettings: ["gdcmMSFF", "gdcmDSED", "gdcmDICT", "gdcmIOD", "gdcmCommon"].map { .linkedLibrary($0) })

/// Codecs whose C interfaces Swift cannot use as they are: a compiled face that returns codes.
let codecs = Target.target(
  name: "CCodecs", dependencies: ["COpenJPEG"], path: "Sources/Foreign/CCodecs",
  linkerSettings: [.linkedLibrary("jpeg")])

/// FFmpeg's structures change with its versions and its macros do not reach Swift: a compiled plain C face of what is used.
let ffmpeg = Target.target(
  name: "CFFmpeg", dependencies: ["CFFmpegLibraries"], path: "Sources/Foreign/CFFmpeg")

/// Our own C, optimised in debug builds too, or tests crawl.
let kernels = Target.target(
  name: "Kernels", cSettings: [.unsafeFlags(["-O3"], .when(configuration: .debug))],
  linkerSettings: [.linkedLibrary("m")])

let package = Package(
  name: "medoid",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "medoid", targets: ["CLI"]),
    .executable(name: "floorplan", targets: ["Floorplan"]),
    .executable(name: "bench", targets: ["Benchmarks"]),
  ],
  dependencies: [
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    border("COpenBLAS", "openblas", apt: "libopenblas-dev", brew: "openblas"),
    border("CLAPACKE", "lapacke", apt: "liblapacke-dev", brew: "lapack"),
    border("CHDF5", "hdf5", apt: "libhdf5-dev", brew: "hdf5"),
    border("CTurboJPEG", "libturbojpeg", apt: "libturbojpeg0-dev", brew: "jpeg-turbo"),
    border("CVips", "vips", apt: "libvips-dev", brew: "vips"),
    border("CTIFF", "libtiff-4", apt: "libtiff-dev", brew: "libtiff"),
    border("CZlib", "zlib", apt: "zlib1g-dev", brew: "zlib"),
    border("CDeflate", "libdeflate", apt: "libdeflate-dev", brew: "libdeflate"),
    border("CArchive", "libarchive", apt: "libarchive-dev", brew: "libarchive"),
    border("COpenSlide", "openslide", apt: "libopenslide-dev", brew: "openslide"),
    border(
      "CFFmpegLibraries", "libavformat libavcodec libswscale libavutil",
      apt: "libavformat-dev libavcodec-dev libswscale-dev libavutil-dev", brew: "ffmpeg"),
    ffmpeg,
    border("COpenJPEG", "libopenjp2", apt: "libopenjp2-7-dev", brew: "openjpeg"),
    border("CCharLS", "charls", apt: "libcharls-dev", brew: "charls"),
    border("CJPEGXL", "libjxl", apt: "libjxl-dev", brew: "jpeg-xl"),
    gdcm,
    codecs,
    kernels,

    room("Tensors", "COpenBLAS", "CLAPACKE", "Kernels"),
    room("Records", "Tensors"),
    room("Storage", "Records", "Tensors", "CHDF5", crypto),
    room(
      "Imaging", "Records", "Tensors", "Kernels", "CGDCM", "CTurboJPEG", "CVips", "CTIFF", "CZlib", "CDeflate",
      "CArchive", "COpenSlide", "CFFmpeg", "COpenJPEG", "CCodecs", "CCharLS", "CJPEGXL", crypto),
    room("Augmentation", "Tensors", "Kernels"),
    room("VisionModels", "Tensors", "Kernels"),
    room("Reduction", "Tensors"),
    room("SelfSupervision", "VisionModels", "Augmentation", "Reduction", "Tensors", "Kernels"),
    room("Clustering", "Tensors"),
    room("Insight", "Clustering", "Records", "Tensors"),
    room("Reporting", "Insight", "Clustering", "Records"),
    room("Pipeline", yams, crypto),
    room("Phantom", "Imaging", "Tensors"),
    room(
      "Stages", "Pipeline", "Storage", "Imaging", "Augmentation", "VisionModels", "SelfSupervision", "Reduction",
      "Clustering", "Insight", "Reporting", "Records", "Tensors", "Kernels", crypto),
    .executableTarget(
      name: "CLI",
      dependencies: [
        "Stages", "Pipeline", "Phantom", "Imaging", "Augmentation", "Storage", "Records", "Tensors", arguments,
      ],
      resources: [.embedInCode("Resources/quickstart.yml")], swiftSettings: swiftSettings),
    .executableTarget(name: "Floorplan", swiftSettings: swiftSettings),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "SelfSupervision", "VisionModels", "Augmentation", "Imaging", "Storage", "Reduction", "Clustering", "Tensors",
        "Kernels",
      ],
      path: "Benchmarks/Contestant", swiftSettings: swiftSettings),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
    tests("Tensors"),
    tests("Records", "Tensors"),
    tests("Storage", "Records", "Tensors"),
    .executableTarget(
      name: "DecoderChild", dependencies: ["Imaging"], path: "Tests/DecoderChild", swiftSettings: swiftSettings),
    .executableTarget(
      name: "Fuzz", dependencies: ["Imaging", "Tensors"], path: "Tests/Fuzz", swiftSettings: swiftSettings),
    .executableTarget(name: "KernelTwins", dependencies: ["Kernels"], path: "Tests/KernelTwins"),
    tests("Kernels", "Tensors", "KernelTwins"),
    tests("Imaging", "Records", "Tensors", "DecoderChild", "Fuzz", crypto),
    tests("Augmentation", "Tensors"),
    tests("VisionModels", "Storage", "Tensors"),
    tests("SelfSupervision", "VisionModels", "Augmentation", "Tensors"),
    tests("Reduction", "Tensors"),
    tests("Clustering", "Tensors"),
    tests("Insight", "Clustering", "Records", "Tensors"),
    tests("Reporting", "Insight", "Clustering", "Records"),
    tests("Pipeline"),
    tests("Stages", "Imaging", "Records", "Storage"),
    tests("Phantom", "Imaging", "Tensors"),
    tests("Floorplan"),
    .testTarget(
      name: "EndToEndTests", dependencies: ["CLI", "Imaging", "Storage", "Tensors", "TestSupport", "CZlib"],
      exclude: ["small-archive"],
      swiftSettings: swiftSettings),
  ]
)
