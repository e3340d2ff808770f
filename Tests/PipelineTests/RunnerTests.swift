import Foundation
import Pipeline
import Synchronization
import Testing

@Suite struct RunnerTests {
  @Test func tellsWhatItDoesInOrder() async throws {
    try await Workshop.with { shop in
      shop.recipe =
        "steps:\n  text: { stage: read, from: input.txt }\n  long: { stage: count, text: text, min_length: 4 }\n"
      let (record, events) = try await shop.runAll()
      let told = events.map { event in
        switch event {
        case .stepStarted(let index, let count, let step, let reasons): "start \(index)/\(count) \(step): \(reasons)"
        case .stepWaiting(let step): "wait \(step)"
        case .progress(let step, let progress): "\(step) \(progress.done)/\(progress.total) \(progress.unit)"
        case .stepFinished(_, _, let step, _, let files): "end \(step): \(files.map(\.path))"
        case .stepSkipped(_, _, let step, let reason): "skip \(step): \(reason)"
        case .stepFailed(_, _, let step, let error): "fail \(step): \(error)"
        case .published(let paths): "published \(paths)"
        }
      }
      #expect(
        told == [
          "start 1/2 text: [no result yet]", "end text: [\"text.txt\"]", "start 2/2 long: [no result yet]",
          "long 1/5 words", "long 2/5 words", "long 3/5 words", "long 4/5 words", "long 5/5 words",
          "end long: [\"counts.csv\"]", "published [\"counts-long.csv\", \"counts.csv\", \"text.txt\"]",
        ])
      #expect(record.status == .done)
      #expect(record.steps.map(\.notes) == [[], ["words 5"]])
      #expect(record.steps.allSatisfy { ($0.seconds ?? -1) >= 0 && ($0.peakMemory ?? 0) > 0 })
    }
  }

  @Test func publishesAndRecords() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      #expect(
        try shop.published() == [
          "text.txt": "one two three\nthree four five five\n",
          "counts-long.csv": "word,count\nfive,2\nfour,1\nthree,2\n",
          "counts-short.csv": "word,count\nfive,2\nfour,1\none,1\nthree,2\ntwo,1\n",
          "counts-drawn.csv": "word,count\none,1\n", "counts.csv": "word,count\none,1\n",
          "report/index.html": "Counts\nlong\nshort\n",
          "report/tables/long.csv": "word,count\nfive,2\nfour,1\nthree,2\n",
          "report/tables/short.csv": "word,count\nfive,2\nfour,1\none,1\nthree,2\ntwo,1\n",
        ])
      let record = try #require(RunRecord(in: shop.out))
      #expect(record.files.map(\.path) == (try shop.published()).keys.sorted())
      #expect(record.recipe.text == shop.recipe)
      #expect(record.steps[1].parameters == ["min_length": 4, "max_share": 1, "skip": .null])
      #expect(record.steps[4].inputs == ["counts": ["long", "short"]])
    }
  }

  @Test func sameBytesFromAnEmptyStore() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      let first = try shop.published()
      try FileManager.default.removeItem(at: shop.folder.appending(path: "store"))
      shop.outName = "again"
      _ = try await shop.run()
      #expect(try shop.published() == first)
    }
  }

  @Test func failureStopsAndLeavesTheFolder() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      let before = try shop.published()
      shop.recipe += "  bad: { stage: fail, text: text }\n"
      let (record, events) = try await shop.runAll(["long.min_length=5", "bad.how=throw"])
      #expect(record.status == .failed)
      #expect(events.stepsRun == ["long", "page"])
      #expect(record.steps.map(\.state) == [.upToDate, .ran, .upToDate, .upToDate, .ran, .failed])
      #expect(record.steps[5].error == "Failure()")
      #expect(try shop.published() == before)
      #expect(try #require(RunRecord(in: shop.out)).status == .failed)
      #expect(shop.store.artifacts().allSatisfy { $0.stage != "fail" })
    }
  }

  @Test func keepGoingRunsWhatDoesNotDependOnTheFailure() async throws {
    try await Workshop.with { shop in
      shop.recipe = """
        steps:
          text: { stage: read, from: input.txt }
          bad:  { stage: fail, text: text }
          page: { stage: join, counts: bad }
          long: { stage: count, text: text, min_length: 4 }
        """
      let stopped = try await shop.runAll()
      #expect(stopped.events.stepsRun == ["text"])
      #expect(stopped.record.steps.map(\.state) == [.ran, .failed, .pending, .pending])
      #expect(try shop.published() == [:])
      let (record, events) = try await shop.runAll(options: RunOptions(keepGoing: true))
      #expect(events.stepsRun == ["long"])
      #expect(record.status == .failed)
      #expect(record.steps.map(\.state) == [.upToDate, .failed, .skipped, .ran])
      #expect(Set(try shop.published().keys) == ["text.txt", "counts-long.csv", "counts.csv"])
    }
  }

  @Test func aStageMustWriteWhatItPublishes() async throws {
    try await Workshop.with { shop in
      shop.recipe += "  bad: { stage: fail, text: text, how: empty }\n"
      let (record, _) = try await shop.runAll()
      #expect(record.steps.last?.error == "stage fail didn't write counts.csv")
    }
  }

  @Test func interruptionKeepsWhatIsDoneAndResumes() async throws {
    try await Workshop.with { shop in
      shop.recipe = """
        steps:
          text: { stage: read, from: input.txt }
          slow: { stage: fail, text: text, how: act }
          page: { stage: join, counts: slow }
        """
      let interruption = Interruption()
      let checkpoints = Mutex<[Bool]>([])
      Fail.moments.withLock {
        $0[shop.folder.path] = { context in
          let checkpoint = context.scratch.appending(path: "half")
          let resumes = FileManager.default.fileExists(atPath: checkpoint.path)
          checkpoints.withLock { $0.append(resumes) }
          if !resumes {
            try Data().write(to: checkpoint)
            interruption.request()
            // Told to stop, and yet it returns and writes its file: that file mustn't count.
          }
        }
      }
      let (record, events) = try await shop.runAll(interruption: interruption)
      #expect(record.status == .interrupted)
      #expect(events.stepsRun == ["text"])
      #expect(record.steps.map(\.state) == [.ran, .pending, .pending])
      #expect(try shop.published() == [:])
      #expect(try await shop.run() == ["slow", "page"])
      #expect(checkpoints.withLock { $0 } == [false, true])
      #expect(
        FileManager.default.subpaths(atPath: shop.folder.appending(path: "store/.scratch").path)?.contains {
          $0.contains("fail")
        } == false)
    }
  }

  @Test func cancelledTaskIsAnInterruption() async throws {
    try await Workshop.with { shop in
      shop.recipe = "steps:\n  text: { stage: read, from: input.txt }\n  slow: { stage: fail, text: text, how: act }\n"
      Fail.moments.withLock {
        $0[shop.folder.path] = { context in
          withUnsafeCurrentTask { $0?.cancel() }
          while !context.isCancelled() { usleep(1000) }
          try context.checkCancellation()
        }
      }
      let plan = try shop.plan()
      let record = try await Task { try await Runner(plan).run() }.value
      #expect(record.status == .interrupted)
    }
  }

  @Test func aSourceThatChangesMeanwhileFailsItsStep() async throws {
    try await Workshop.with { shop in
      shop.recipe = "steps:\n  text: { stage: read, from: input.txt }\n  slow: { stage: fail, text: text, how: act }\n"
      try shop.write("before", to: "watched.txt")
      let folder = shop.folder
      Fail.moments.withLock {
        $0[folder.path] = { _ in try Data("and after".utf8).write(to: folder.appending(path: "watched.txt")) }
      }
      let (record, _) = try await shop.runAll()
      #expect(record.steps.last?.error == "changed while the step ran: watched")
      #expect(try await shop.run() == ["slow"])
    }
  }

  @Test func twoRunsShareAStoreAndWorkIsDoneOnce() async throws {
    try await Workshop.with { shop in
      var other = shop
      other.outName = "other"
      let made = Mutex(0)
      shop.recipe = "steps:\n  text: { stage: read, from: input.txt }\n  slow: { stage: fail, text: text, how: act }\n"
      other.recipe = shop.recipe
      Fail.moments.withLock {
        $0[shop.folder.path] = { _ in
          made.withLock { $0 += 1 }
          usleep(100_000)
        }
      }
      let (one, two) = (shop, other)
      async let first = one.run()
      async let second = two.run()
      let ran = try await first + second
      #expect(ran.sorted() == ["slow", "text"])
      #expect(made.withLock { $0 } == 1)
      #expect(try shop.published() == other.published())
    }
  }

  @Test func twoRunsIntoOneFolderAreRefused() async throws {
    try await Workshop.with { shop in
      shop.recipe = "steps:\n  text: { stage: read, from: input.txt }\n  slow: { stage: fail, text: text, how: act }\n"
      let plan = try shop.plan()
      let (reached, open) = (Interruption(), Interruption())
      Fail.moments.withLock {
        $0[shop.folder.path] = { _ in
          reached.request()
          while !open.isRequested { usleep(1000) }
        }
      }
      async let first = Runner(plan).run()
      while !reached.isRequested { try await Task.sleep(for: .milliseconds(1)) }
      await #expect(throws: RunBusy.self) { try await Runner(plan).run() }
      open.request()
      #expect(try await first.status == .done)
    }
  }

  @Test func statusComparesFolderAndRecipe() async throws {
    try await Workshop.with { shop in
      #expect(RunStatus(of: try shop.plan()).lastRun == nil)
      _ = try await shop.run()
      #expect(RunStatus(of: try shop.plan()).isUpToDate)
      #expect(RunStatus(of: try shop.plan(["page.title=Words"])).due.map(\.step.name) == ["page"])
      try FileManager.default.removeItem(at: shop.out.appending(path: "counts.csv"))
      try Data("mine".utf8).write(to: shop.out.appending(path: "text.txt"))
      let status = RunStatus(of: try shop.plan())
      #expect(status.missing == ["counts.csv"])
      #expect(status.changed == ["text.txt"])
      #expect(try await shop.run() == [])
      #expect(RunStatus(of: try shop.plan()).isUpToDate)
    }
  }
}
