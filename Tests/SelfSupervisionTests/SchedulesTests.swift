import SelfSupervision
import TestSupport
import Testing

/// Against numbers made with numpy from the reference's formulas.
struct SchedulesTests {
  private let schedules: Schedules = {
    var configuration = DINO.Configuration()
    configuration.epochs = 100
    configuration.warmupEpochs = 10
    configuration.momentumTeacher = 0.996
    configuration.weightDecay = 0.04
    configuration.weightDecayEnd = 0.4
    configuration.learningRate = 5e-4
    configuration.warmupTeacherTemperature = 0.04
    configuration.teacherTemperature = 0.07
    configuration.warmupTeacherTemperatureEpochs = 30
    return Schedules(configuration, stepsPerEpoch: 10, batch: 512)
  }()

  private func agrees(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 5e-6 * abs(b) }

  @Test func theRateRisesAndFalls() {
    #expect(schedules.learningRate[0] == 0)
    #expect(agrees(schedules.learningRate[1], 1.01010e-5))
    #expect(agrees(schedules.learningRate[99], 1e-3))
    #expect(agrees(schedules.learningRate[100], 1e-3))
    #expect(agrees(schedules.learningRate[550], 5.005e-4))
    #expect(agrees(schedules.learningRate[999], 1.00304e-6))
  }

  @Test func decayAndMomentumFollowTheCosine() {
    #expect(agrees(schedules.weightDecay[0], 0.04))
    #expect(agrees(schedules.weightDecay[500], 0.22))
    #expect(agrees(schedules.teacherMomentum[0], 0.996))
    #expect(agrees(schedules.teacherMomentum[500], 0.998))
  }

  @Test func theTemperatureRisesByEpochAndStays() {
    #expect(schedules.teacherTemperature[0] == 0.04)
    #expect(agrees(schedules.teacherTemperature[14], 0.04 + 0.03 * 14 / 29))
    #expect(schedules.teacherTemperature[29] == 0.07)
    #expect(schedules.teacherTemperature[99] == 0.07)
  }

  @Test func theTeachersMemoryIsATenthOfTheRun() {
    let configuration = DINO.Configuration()
    #expect(agrees(configuration.startingMomentum(steps: 1000), 0.99))
    #expect(agrees(configuration.startingMomentum(steps: 2500), 0.996))
    #expect(configuration.startingMomentum(steps: 3) == 0.5)
    #expect(configuration.startingMomentum(steps: 1_000_000) == 0.9995)
  }

  /// Archives of every size: a handful, the demo's, MedNIST's, a hospital's.
  @Test func automaticEpochsMakeElevenHundredStepsWhereTheyCan() {
    withEvery(
      "images",
      in: [(0, 400), (2, 400), (64, 400), (180, 230), (700, 55), (4800, 16), (19_999, 16), (20_000, 8), (1_000_000, 8)]
    ) { images, epochs in
      #expect(DINO.Configuration().automaticEpochs(images: images) == epochs, "\(images) images")
    }
  }

  @Test func aRunOfOneStepIsAllWarmUp() {
    let schedule = CosineSchedule(base: 1, final: 0, steps: 1, warmupSteps: 1)
    #expect(schedule[0] == 0)
    #expect(LinearWarmup(start: 0.02, end: 0.04, epochs: 0)[0] == 0.04)
    #expect(LinearWarmup(start: 0.02, end: 0.04, epochs: 1)[0] == 0.02)
  }
}
