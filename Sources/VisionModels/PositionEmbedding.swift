import Kernels

/// The class token, the registers and the learned table of positions, resampled where an image is larger or smaller than the table's.
struct PositionEmbedding: Sendable {
  let classToken: Range<Int>
  let registers: Range<Int>?
  /// Nil with rotary positions.
  let table: Range<Int>?
  let width: Int
  let prefix: Int
  /// Patches on a side of the table.
  let grid: Int

  init(_ configuration: VisionTransformer.Configuration, in layout: inout ParameterLayout) {
    width = configuration.width
    prefix = configuration.prefixTokens
    grid = configuration.imageSize / configuration.patchSize
    classToken = layout.append("cls_token", [1, 1, width])
    registers = configuration.registers == 0 ? nil : layout.append("reg_token", [1, configuration.registers, width])
    table = configuration.positions == .table ? layout.append("pos_embed", [1, 1 + grid * grid, width]) : nil
  }

  /// Fills `rows`, [prefix + patches, width]: class token (with its position) and registers as they enter the stream, and what is
  /// added to each patch.
  /// - Parameter resampling: nil where the grids are equal.
  func assemble(
    _ parameters: UnsafePointer<Float>, _ resampling: GridResampling?, patches: Int,
    into rows: UnsafeMutablePointer<Float>
  ) {
    rows.update(from: parameters + classToken.lowerBound, count: width)
    if let registers { (rows + width).update(from: parameters + registers.lowerBound, count: registers.count) }
    let target = rows + prefix * width
    guard let table else {
      target.update(repeating: 0, count: patches * width)
      return
    }
    axpby(rows, parameters + table.lowerBound, width, 1, 1)
    let source = parameters + table.lowerBound + width
    guard let resampling else {
      target.update(from: source, count: patches * width)
      return
    }
    target.update(repeating: 0, count: patches * width)
    resampling.forEachTap { place, tap, weight in
      axpby(target + place * width, source + tap * width, width, weight, 1)
    }
  }

  /// Adds to `gradient` what the gradient of the assembled rows means for tokens and table: the transposed resampling.
  func backward(
    _ dRows: UnsafePointer<Float>, _ resampling: GridResampling?, patches: Int,
    adding gradient: UnsafeMutablePointer<Float>
  ) {
    axpby(gradient + classToken.lowerBound, dRows, width, 1, 1)
    if let registers { axpby(gradient + registers.lowerBound, dRows + width, registers.count, 1, 1) }
    guard let table else { return }
    axpby(gradient + table.lowerBound, dRows, width, 1, 1)
    let target = gradient + table.lowerBound + width
    let source = dRows + prefix * width
    guard let resampling else {
      axpby(target, source, patches * width, 1, 1)
      return
    }
    resampling.forEachTap { place, tap, weight in
      axpby(target + tap * width, source + place * width, width, weight, 1)
    }
  }
}
