extension [DICOMDataSet] {
  /// What `read` finds on the nearest level where it finds anything.
  ///
  /// What belongs together is taken from one level: a frame's own window never mixes with the file's width.
  func nearest<Value>(_ read: (DICOMDataSet) -> Value?) -> Value? { lazy.compactMap(read).first }
}
