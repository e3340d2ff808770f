import Foundation
import Pipeline
import Testing

@Suite struct PlanTests {
  func errors(_ body: () throws -> Plan) -> [String] {
    do {
      _ = try body()
      return []
    } catch { return (error as? RecipeErrors)?.errors.map(\.description) ?? ["\(error)"] }
  }

  @Test func planningChangesNothing() async throws {
    try await Workshop.with { shop in
      let before = shop.everything()
      _ = try shop.plan()
      #expect(shop.everything() == before)
      _ = try await shop.run()
      let after = shop.everything()
      _ = try shop.plan(["long.min_length=1"], selection: Selection(force: true))
      _ = RunStatus(of: try shop.plan())
      #expect(shop.everything() == after)
    }
  }

  @Test func missingInputIsToldWithItsPlaceAndNothingIsWritten() async throws {
    try await Workshop.with { shop in
      shop.recipe = shop.recipe.replacing("input.txt", with: "inpit.txt")
      let before = shop.everything()
      #expect(
        errors { try shop.plan() } == [
          "toy.yml:3:25: step \"text\": from: there is no inpit.txt; did you mean \"input.txt\"?"
        ])
      await #expect(throws: RecipeErrors.self) { try await shop.run() }
      #expect(shop.everything() == before)
    }
  }

  @Test func wrongRecipeWritesNothing() async throws {
    try await Workshop.with { shop in
      let before = shop.everything()
      await #expect(throws: RecipeErrors.self) { try await shop.run(["long.min_length=x"]) }
      #expect(shop.everything() == before)
    }
  }

  @Test func untilAndFromSelect() async throws {
    try await Workshop.with { shop async throws in
      #expect(try await shop.run(selection: Selection(until: "long")) == ["text", "long"])
      #expect(try await shop.run(selection: Selection(until: "page")) == ["short", "page"])
      #expect(try await shop.run(selection: Selection(from: "drawn")) == ["drawn"])
      #expect(try await shop.run(selection: Selection(from: "long", until: "page", force: true)) == ["long", "page"])
      #expect(try await shop.run() == [])
    }
  }

  @Test func whatChangesNoByteRunsNothing() async throws {
    try await Workshop.with { shop async throws in
      #expect(try await shop.run(["text.pace=2"]).count == 5)
      #expect(try await shop.run(["text.pace=3"]) == [])
      let record = try await shop.runAll(["text.pace=4", "text.limit=9"]).record
      #expect(record.steps[0].state == .ran && record.steps[0].parameters["pace"] == .number(4))
    }
  }

  @Test func fromRefusesToLeaveOutWhatIsDue() async throws {
    try await Workshop.with { shop in
      #expect(
        errors { try shop.plan(selection: Selection(from: "long")) } == [
          "--from long: leaves out step \"text\", which isn't up to date (no result yet)",
          "--from long: leaves out step \"short\", which isn't up to date (text runs)",
        ])
    }
  }

  @Test func unknownStepsInFlags() async throws {
    try await Workshop.with { shop in
      let selection = Selection(from: "lung", until: "pages", forcedSteps: ["x"])
      #expect(
        errors { try shop.plan(selection: selection) } == [
          "--from lung: unknown step \"lung\"; did you mean \"long\"?",
          "--until pages: unknown step \"pages\"; did you mean \"page\"?",
          "--force-step x: unknown step \"x\"; there are text, long, short, drawn, page",
        ])
    }
  }
}
