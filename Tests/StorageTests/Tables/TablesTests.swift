import Foundation
import Records
import Storage
import TestSupport
import Testing

/// Round trips, header lines and equal bytes of the tables.
struct TablesTests {
  @Test func manifestComesBack() throws {
    var full = ImageRecord(
      id: ImageID("3f9a-2"), path: "a, b/\"c\".dcm", kind: "dicom", width: 2048, height: 1, frames: 3, bits: 12,
      samples: 1,
      pixelDigest: String(repeating: "0f", count: 32))
    full.modality = "CR"
    full.bodyPart = "CHEST"
    full.view = "PA"
    full.patient = "aa"
    full.study = "bb"
    full.series = "cc"
    full.site = "Haus ä"
    full.micrometresPerPixel = 0.25
    full.duplicateOf = ImageID("3f9a")
    full.flags = ["blank", "clipped"]
    full.frame = 0
    full.seconds = 1.5
    full.tile = ImageRecord.Tile(x: 0, y: 512, size: 448)
    full.instance = -3
    full.orientation = 6
    full.hasColourProfile = true
    full.rendering = "window"
    full.perceptualHash = "00ff00ff00ff00ff"
    full.scores = ["tissue": 0.5, "blur": 0.125]
    let bare = ImageRecord(
      id: ImageID("x"), path: "x.png", kind: "png", width: 1, height: 1, frames: 1, bits: 8, samples: 3, pixelDigest: ""
    )
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "manifest.csv")
      for records in [[], [full], [bare, full]] {
        try ManifestTable.write(records, to: url)
        #expect(try ManifestTable.read(from: url) == records)
      }
      let text = try String(contentsOf: url, encoding: .utf8)
      #expect(
        text == """
          id,path,kind,width,height,frames,bits,samples,modality,body_part,view,patient,study,series,site,mpp,pixel_sha256,duplicate_of,flags,frame,time,x,y,tile_size,instance,orientation,icc,rendering,phash,score_blur,score_tissue
          x,x.png,png,1,1,1,8,3,,,,,,,,,,,,,,,,,,1,false,,,,
          3f9a-2,"a, b/""c"".dcm",dicom,2048,1,3,12,1,CR,CHEST,PA,aa,bb,cc,Haus ä,0.25,\(full.pixelDigest),3f9a,blank;clipped,0,1.5,0,512,448,-3,6,true,window,00ff00ff00ff00ff,0.125,0.5

          """)
    }
  }

  @Test func rejectionsComeBack() throws {
    let rejections = Rejection.Code.allCases.map {
      Rejection(path: "\($0)", code: $0, message: "a, b", stage: "ingest")
    }
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "rejected.csv")
      try RejectionTable.write(rejections, to: url)
      #expect(try RejectionTable.read(from: url) == rejections)
      try AtomicFile.write("path,code,message,stage\na,never_heard,m,s\n", to: url)
      #expect(
        throws: CSVError(path: url.path, line: 2, problem: .badValue(column: "code", wanted: "a known reason code"))
      ) {
        try RejectionTable.read(from: url)
      }
    }
  }

  @Test func labelsComeBack() throws {
    let rows: [LabelsTable.Row] = [
      .init(
        id: ImageID("a"), path: "a.png", cluster: nil, rawCluster: nil, probability: 0, outlierScore: 0.75,
        proposedCluster: 2),
      .init(
        id: ImageID("b"), path: "b.png", cluster: 0, rawCluster: 3, probability: 0.1, outlierScore: 1e-7,
        isMedoid: true,
        distanceToMedoid: 0),
    ]
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "labels.csv")
      try LabelsTable.write(rows, to: url)
      #expect(try LabelsTable.read(from: url) == rows)
      #expect(
        try String(contentsOf: url, encoding: .utf8) == """
          id,path,cluster,cluster_raw,probability,outlier_score,is_medoid,distance_to_medoid,proposed_cluster
          a,a.png,-1,-1,0.0,0.75,false,,2
          b,b.png,0,3,0.1,1e-07,true,0.0,

          """)
      try AtomicFile.write(LabelsTable.columns.joined(separator: ",") + "\na,a,-2,0,0,0,true,0,\n", to: url)
      #expect(
        throws: CSVError(path: url.path, line: 2, problem: .badValue(column: "cluster", wanted: "a group, or -1"))
      ) {
        try LabelsTable.read(from: url)
      }
    }
  }

  @Test func clustersComeBack() throws {
    let row = ClustersTable.Row(
      cluster: 0, size: 12, medoidID: ImageID("a"), medoidPath: "a.png", cohesion: 0.5, separation: nil,
      stability: 1e20,
      silhouette: -0.25, grade: "B", name: "hand")
    var wide = row
    wide.extra = ["3", ""]
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "clusters.csv")
      for table in [
        ClustersTable(rows: []), ClustersTable(rows: [row, row]),
        ClustersTable(extraColumns: ["patients", "note"], rows: [wide]),
      ] {
        try table.write(to: url)
        #expect(try ClustersTable(reading: url) == table)
      }
    }
  }
}
