import Foundation
import Testing

/// Every variant of every kernel that this machine can run, and AMX played in C, against naive twins: one process each, because a
/// process decides once which variant it uses.
struct InstructionSetsTests {
  #if arch(x86_64)
    static let names = ["x86-64", "x86-64-v3", "x86-64-v4", "x86-64-v4+bf16", "x86-64-v4+amx", "amx-emulated"]
  #else
    static let names = ["portable", "amx-emulated"]
  #endif

  @Test(arguments: names) func equalsTheTwins(_ name: String) throws {
    let tests = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    let child = Process()
    child.executableURL = tests.deletingLastPathComponent().appending(path: "KernelTwins")
    child.environment = ["KERNELS_INSTRUCTION_SET": name]
    let output = Pipe()
    child.standardOutput = output
    child.standardError = output
    try child.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    child.waitUntilExit()
    #expect(child.terminationStatus == 0 && child.terminationReason == .exit, "\(said)")
    if name == "amx-emulated" { #expect(said.hasPrefix("amx-emulated amx-emulated\n")) }
  }
}
