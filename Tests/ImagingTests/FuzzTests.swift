import Foundation
import TestSupport
import Testing

/// A short run of the fuzzer over every reader that has generated seed files: the long ones are `make fuzz`.
struct FuzzTests {
  @Test(arguments: ["dicom", "jpeg", "png", "tiff", "webp", "bmp", "gif", "pnm", "slide", "video", "zip", "tar"])
  func damagedFilesNeitherKillNorHang(reader: String) throws {
    let process = Process()
    let tests = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    process.executableURL = tests.deletingLastPathComponent().appending(path: "Fuzz")
    let seeds = Fixture.folder.appending(path: "Imaging/files").path
    process.arguments = [reader, "--seeds", seeds, "--count", "192", "--jobs", "1"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
    #expect(text.contains("fuzz \(reader): 192 inputs") && text.contains(" 0 died, 0 hung"), "\(text)")
  }
}
