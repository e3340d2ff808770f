import Foundation
import SelfSupervision
import Testing

/// The rules, on histories made by hand: 640 images, ten steps an epoch, 200 steps.
struct AlarmRulesTests {
  private static let uniform = log(64.0)

  private func configuration(_ change: (inout DINO.Configuration) -> Void = { _ in }) -> DINO.Configuration {
    var made = DINO.Configuration()
    (made.epochs, made.batchSize, made.outputDimension) = (20, 64, 64)
    change(&made)
    return made
  }

  /// A run that goes well, each step changed as wanted.
  private func history(_ steps: Int, _ change: (inout Monitor) -> Void = { _ in }) -> [Monitor] {
    (0..<steps).map { step in
      var monitor = Monitor(
        epoch: step / 10, step: step, loss: Self.uniform - 0.005 * Double(step), teacherEntropy: 2.5,
        divergence: Self.uniform - 2.5 - 0.005 * Double(step), koleo: nil, largestGradient: 2, learningRate: 5e-4,
        weightDecay: 0.04, teacherMomentum: 0.99, teacherTemperature: 0.04, centerDrift: 0.1, effectiveRank: 4,
        viewRetrieval: 0.5, largestShare: 0.3, prototypesUsed: 30)
      change(&monitor)
      return monitor
    }
  }

  private func raised(
    _ history: [Monitor], images: Int = 640, _ change: (inout DINO.Configuration) -> Void = { _ in }
  ) -> [String] {
    AlarmRules(configuration(change), images: images).raised(in: history).map { "\($0.alarm.rawValue) \($0.step)" }
  }

  @Test func aGoodRunRaisesNone() { #expect(raised(history(200)) == []) }

  @Test func whatTheSettingsTellIsRaisedAtOnce() {
    #expect(raised(history(3), images: 64) == ["too_few_images 0", "too_few_steps 0"])
    #expect(raised(history(3), images: 65) { $0.epochs = 100 } == [])
    #expect(raised(history(3), images: 64) { $0.epochs = 100 } == ["too_few_images 0"])
    #expect(raised(history(3)) { $0.epochs = 9 } == ["too_few_steps 0"])
    #expect(raised(history(3)) { $0.epochs = 10 } == [])
    #expect(raised(history(3)) { $0.outputDimension = 10_241 } == ["head_too_wide 0"])
    #expect(raised(history(3)) { $0.outputDimension = 10_240 } == [])
    #expect(raised([]) { $0.epochs = 1 } == [])
  }

  /// An archive of few kinds uses few prototypes, and is no worse for it.
  @Test func aHeadOfWhichLittleIsUsedIsNoAlarm() {
    #expect(raised(history(100) { $0.prototypesUsed = 7 }) { $0.outputDimension = 1000 } == [])
  }

  @Test func ratesThatAreTooHigh() {
    #expect(raised(history(50) { $0.learningRate = 0.001 * Double($0.step) }) == ["learning_rate_too_high 21"])
    let rising = history(100) { $0.loss = $0.step < 30 ? 4 : 5.5 + 0.1 * Double($0.step) }
    // The mean of ten steps passes ln 64 + 1 with the third of them.
    #expect(raised(rising) == ["learning_rate_too_high 32"])
    let high = history(100) { $0.loss = 12 - 0.05 * Double($0.step) }
    #expect(raised(high) == [], "it falls")
    #expect(raised(history(100) { $0.largestGradient = $0.step < 50 ? 2 : 21 }) == ["learning_rate_too_high 59"])
    #expect(raised(history(100) { $0.largestGradient = 60 / Double($0.step + 1) }) == [])
  }

  /// What one prototype for all means hangs on the rate at which it came to it.
  @Test func oneAnswerForAll() {
    func answer(_ monitor: inout Monitor, rate: Double) {
      (monitor.teacherEntropy, monitor.largestShare, monitor.learningRate) = (0.2, 1, rate)
    }
    #expect(raised(history(100) { answer(&$0, rate: 5e-4) }) == ["collapse_to_one 19"])
    #expect(raised(history(100) { answer(&$0, rate: 3e-3) }) == ["learning_rate_too_high 9"])
    #expect(raised(history(100) { $0.teacherEntropy = 0.2 }) == [], "sure, but not of one")
    #expect(raised(history(100) { $0.largestShare = 1 }) == [], "one, but not sure of it")
    let begins = history(100) { if $0.step < 12 { answer(&$0, rate: 5e-4) } }
    #expect(raised(begins) == [], "until the centre has settled")
  }

  @Test func oneDirection() {
    #expect(raised(history(100) { $0.effectiveRank = 1.1 }) == ["collapse_to_one 29"])
    #expect(raised(history(100) { $0.effectiveRank = 0 }) == ["collapse_to_one 29"])
    #expect(raised(history(100) { $0.effectiveRank = 1.2 }) == [])
    #expect(raised(history(100) { $0.effectiveRank = nil }) == [], "not measured")
  }

  @Test func uniform() {
    func even(_ monitor: inout Monitor) {
      (monitor.teacherEntropy, monitor.loss, monitor.divergence) = (Self.uniform - 0.01, Self.uniform, 0.01)
    }
    #expect(raised(history(100) { even(&$0) }) == ["collapse_to_uniform 49"])
    let blunt = history(100) {
      even(&$0)
      $0.teacherTemperature = 0.1
      $0.divergence = 0.5
    }
    #expect(raised(blunt) == ["collapse_to_uniform 19"], "no sharper than the student")
    let student = history(100) {
      even(&$0)
      $0.divergence = 0.05
    }
    #expect(raised(student) == [], "the student has yet to follow")
    let slow = history(100) { if $0.step < 45 { even(&$0) } }
    #expect(raised(slow) == [], "it began to say something")
  }

  /// Prefix by prefix as a trainer asks, or all at once as one that goes on from a checkpoint does.
  @Test func alarmsStayAndComeOnce() {
    let rules = AlarmRules(configuration(), images: 640)
    let all = history(200) { if $0.step > 50 { ($0.teacherEntropy, $0.largestShare) = (0.1, 1) } }
    var known: [RaisedAlarm] = []
    for count in 1...200 { known += rules.newAlarms(after: all[..<count], known: known) }
    #expect(known == rules.raised(in: all) && known.count == 1)
    #expect(known[0].description.hasPrefix("collapse to one answer (step 60): One prototype wins 93 % of the crops"))
  }

  @Test func everyAlarmHasItsWords() throws {
    #expect(Set(TrainingAlarm.allCases.map(\.name)).count == TrainingAlarm.allCases.count)
    for alarm in TrainingAlarm.allCases { #expect(alarm.advice.hasSuffix(".")) }
    let one = RaisedAlarm(.headTooWide, step: 3, finding: "Because.")
    #expect(try JSONDecoder().decode(RaisedAlarm.self, from: JSONEncoder().encode(one)) == one)
  }
}
