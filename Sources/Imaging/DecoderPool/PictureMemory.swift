import Kernels

/// What the memory allocator does with the buffers of one picture when the next is about to be read.
public enum PictureMemory {
  /// Keeps up to 128 MiB of freed memory in this process, for programs that decode picture after picture.
  ///
  /// Left alone, glibc hands buffers of some megabytes back to the system and asks for them again, page by page: half of the time of a run-length
  /// coded film. Changes no result; does nothing with other C libraries.
  public static func keep() { allocator_keep(128 << 20) }
}
