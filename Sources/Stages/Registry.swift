public import Pipeline

/// Every stage a recipe may name, in the order `medoid stages` lists them.
public let stageRegistry: [any Stage.Type] = [
  IngestStage.self, PixelsStage.self, FactsStage.self, DINOStage.self, WeightsStage.self, EmbedStage.self,
  PoolStage.self, FeaturesStage.self,
  PCAStage.self, ProjectStage.self, UMAPStage.self, KMeansStage.self, HDBSCANStage.self, CorrectStage.self,
  LineageStage.self,
  AssignStage.self, ReportStage.self,
]
