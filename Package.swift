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
func room(_ name: String, _ dependencies: Target.Dependency..., resources: [Resource] = []) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

/// The tests of one room. Fixtures are read in place by `TestSupport`, so they are not bundle resources.
func tests(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.target(name: name), "TestSupport"] + dependencies, exclude: [],
    swiftSettings: swiftSettings)
}

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "medoid",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    border("COpenBLAS", "openblas", apt: "libopenblas-dev", brew: "openblas"),
    border("CLAPACKE", "lapacke", apt: "liblapacke-dev", brew: "lapack"),

    room("Tensors", "COpenBLAS", "CLAPACKE"),
    room("Records", "Tensors"),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
    tests("Tensors"),
  ]
)
